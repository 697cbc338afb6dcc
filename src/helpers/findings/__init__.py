"""What 04_findings computes and says."""
