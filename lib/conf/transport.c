/*
 * 'transport' of a source: whether it is sent datagrams, or IPFIX over TCP,
 * and that in TLS.
 */
#include <string.h>

#include "conf/settings.h"

#define SEPARATORS " ,+\t\n"

static const struct {
	const char *name;
	unsigned bit;
} names[] = {
	{ "udp", TRANSPORT_UDP },
	{ "tcp", TRANSPORT_TCP },
	{ "tls", TRANSPORT_TLS },
};

#define N_NAMES (sizeof(names) / sizeof(*names))

static unsigned
bit_of(const char *word, size_t len)
{
	for (size_t i = 0; i < N_NAMES; i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, word, len) == 0)
			return names[i].bit;
	return 0;
}

int
load_transport(const struct loader *l, struct conf_source *s,
    const struct value *v)
{
	bool ok;
	const char *text = load_text(l, "transport", v, &ok), *p = text;
	s->transport = TRANSPORT_UDP;
	if (text == NULL)
		return ok ? 0 : -1;
	s->transport = 0;
	while (*(p += strspn(p, SEPARATORS)) != '\0') {
		size_t len = strcspn(p, SEPARATORS);
		unsigned bit = bit_of(p, len);
		if (bit == 0)
			return load_fail(l, load_place(v),
			    "source '%s': transport '%.*s' is none of udp, "
			    "tcp, tls",
			    s->ident, (int)len, p);
		s->transport |= bit;
		p += len;
	}
	if (s->transport == 0)
		return load_fail(l, load_place(v),
		    "source '%s': transport is empty", s->ident);
	if ((s->transport & TRANSPORT_TCP) != 0 &&
	    (s->transport & TRANSPORT_TLS) != 0)
		return load_fail(l, load_place(v),
		    "source '%s': a port is that of tcp or of tls, not of "
		    "both",
		    s->ident);
	if ((s->transport & TRANSPORT_TLS) != 0 &&
	    (l->c->tlscert == NULL || l->c->tlskey == NULL))
		return load_fail(l, load_place(v),
		    "source '%s': transport tls needs '$TLSCERT' and "
		    "'$TLSKEY'",
		    s->ident);
	return 0;
}

void
transport_print(const struct conf_source *s, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	if (s->transport == TRANSPORT_UDP)
		return;
	for (size_t i = 0; i < N_NAMES; i++)
		if ((s->transport & names[i].bit) != 0)
			buf_printf(&text, "%s%s", text.len != 0 ? " " : "",
			    names[i].name);
	source_print_key("transport", buf_str(&text), out);
	buf_free(&text);
}
