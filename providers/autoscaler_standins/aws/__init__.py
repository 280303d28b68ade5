"""AWS as boto3 sees it: Auto Scaling groups and EC2, every request and every response held to botocore's own model."""
