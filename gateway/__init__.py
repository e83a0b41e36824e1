"""Floor 5: the process. It assembles the other floors and speaks with the world; it holds no business rule."""
