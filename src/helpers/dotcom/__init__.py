"""What 03_dotcom_comparison computes, draws and says."""
