"""The workloads that Karpenter measures itself by."""
