"""What 02_selloff computes, draws and says."""
