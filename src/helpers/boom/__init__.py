"""What 01_valuation_growth computes, draws and says."""
