"""Money: prices, tokens, forecasts, and the cap that concurrent calls cannot cross."""
