#include "query/interrupt.h"

#include <signal.h>
#include <stddef.h>

atomic_int interrupt_signal;

static const int signals[] = { SIGINT, SIGTERM };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static void
act(int sig, void (*handler)(int))
{
	struct sigaction now;
	struct sigaction a = { .sa_handler = handler };
	(void)sigemptyset(&a.sa_mask);
	if (sigaction(sig, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
		(void)sigaction(sig, &a, NULL);
}

void
interrupt_leave(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		act(signals[i], SIG_DFL);
}

static void
note(int sig)
{
	atomic_store(&interrupt_signal, sig);
	interrupt_leave();
}

void
interrupt_catch(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		act(signals[i], note);
}
