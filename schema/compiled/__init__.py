"""Operations compiled: statements, and functions that write their rows, made once for every operation of a text."""
