"""The filters: each looks at one Doc and returns its verdict."""
