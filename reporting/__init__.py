"""The reporter's side: form, text line, receipt, thread, retention."""
