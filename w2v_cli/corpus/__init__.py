"""From text to ids: readers, tokenizer, vocabulary, encoded corpus, sampling."""
