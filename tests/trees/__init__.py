"""Menu trees that only tests walk, and the Python behind them."""
