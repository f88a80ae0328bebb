"""The pager: who is on call, escalation, delivery, acknowledgement, channels. Knows no report."""
