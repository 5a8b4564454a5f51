#include "conf/address.h"

#include <stdlib.h>
#include <string.h>

static bool
parse_port(const char *s, uint16_t *port)
{
	char *end;
	size_t n = strlen(s);
	if (n == 0 || n > 5 || strspn(s, "0123456789") != n)
		return false;
	unsigned long v = strtoul(s, &end, 10);
	if (v == 0 || v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	return true;
}

bool
conf_address_parse(const char *text, struct addr *a, uint16_t *port)
{
	char host[ADDR_STRLEN];
	struct addr found;
	const bool v6 = text[0] == '[';
	const char *colon = strrchr(text, ':');
	if (colon == NULL)
		return false;
	const char *from = text + v6, *to = colon - v6;
	size_t n = to > from ? (size_t)(to - from) : 0;
	if (n == 0 || n >= sizeof(host) || (v6 && *to != ']'))
		return false;
	memcpy(host, from, n);
	host[n] = '\0';
	if (!addr_parse(host, &found) || (found.family == ADDR_V6) != v6 ||
	    !parse_port(colon + 1, port))
		return false;
	*a = found;
	return true;
}

bool
conf_address_is_loopback(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return a->lo >> 24 == 127;
	return a->family == ADDR_V6 && a->hi == 0 && a->lo == 1;
}
