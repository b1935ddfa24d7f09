"""What this machine does: the engines' speed, how the losses' cost grows, gensim beside us."""
