#include "collector/session.h"

#include "collector/source.h"

bool
session_has(const struct sender *x, uint32_t session)
{
	return session == 0 ? !x->stream : x->session == session;
}

bool
session_ended(const struct sender *x)
{
	return x->stream && x->session == 0;
}

void
session_join(struct sources *ss, struct sender *x, uint32_t session)
{
	if (session == 0)
		return;
	struct sender **first = &ss->sessions[session_slot(session)];
	x->stream = true;
	x->session = session;
	x->next_of_session = *first;
	x->session_at = first;
	if (*first != NULL)
		(*first)->session_at = &x->next_of_session;
	*first = x;
}

static void
unlink_sender(struct sender *x)
{
	*x->session_at = x->next_of_session;
	if (x->next_of_session != NULL)
		x->next_of_session->session_at = x->session_at;
	x->session = 0;
}

void
session_leave(struct sources *ss, struct sender *x)
{
	if (x->session == 0)
		return;
	session_refuse(ss, x->session);
	unlink_sender(x);
}

void
session_end(struct sources *ss, uint32_t session)
{
	struct sender *x, *next = ss->sessions[session_slot(session)];
	while ((x = next) != NULL) {
		next = x->next_of_session;
		if (x->session != session)
			continue;
		exporter_restart(&x->e);
		unlink_sender(x);
	}
}

void
session_refuse(const struct sources *ss, uint32_t session)
{
	if (session != 0 && ss->refusals != NULL)
		atomic_store(&ss->refusals->session[session_slot(session)],
		    session);
}
