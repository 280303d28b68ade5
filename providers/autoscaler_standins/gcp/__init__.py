"""Google Compute Engine that is not there: managed instance groups, zonal and regional, and what they stand on."""
