"""The client: questions in flight over HTTP, retried, paced and counted, answers in any order."""
