"""Event studies of daily prices: windows, expected returns, abnormal returns and their tests."""
