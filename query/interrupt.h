/*
 * interrupt: Ctrl-C (SIGINT) and SIGTERM while flows are read.  The first
 * one stops the reading, and the answer is of what was read so far; the next
 * one ends the program at once, as does the first before and after.  Signals
 * that are ignored (nohup) stay so.
 */
#ifndef QUERY_INTERRUPT_H
#define QUERY_INTERRUPT_H

#include <stdatomic.h>

/* The signal that came, 0: none. */
extern atomic_int interrupt_signal;

void interrupt_catch(void);
void interrupt_leave(void);

#endif
