echo this is not xhyve
