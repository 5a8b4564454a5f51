/*
 * Values of nfcapd's options that the configuration has as well.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/capd.h"

#define DEFAULT_PORT 9995

bool
capd_ident_ok(const char *ident)
{
	size_t n = strlen(ident);
	if (n == 0 || n > CAPD_IDENT_MAX || strcmp(ident, ".") == 0 ||
	    strcmp(ident, "..") == 0)
		return false;
	for (const char *s = ident; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~' || *s == '/')
			return false;
	return true;
}

static bool
parse_prefix(const char *text, struct prefix *p)
{
	if (strchr(text, '/') != NULL)
		return prefix_parse(text, p);
	if (!addr_parse(text, &p->addr))
		return false;
	p->len = p->addr.family == ADDR_V4 ? 32 : 128;
	return true;
}

static int
by_prefix(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	int c = addr_cmp(&x->addr, &y->addr);
	return c != 0 ? c : (int)x->len - (int)y->len;
}

int
capd_prefixes(const char *text, bool commas, struct prefix **ips, size_t *n,
    struct arena *a, struct err *err)
{
	const char *between = commas ? "; ,\t\n" : ";";
	size_t room = 1;
	for (const char *s = text; *s != '\0'; s++)
		room += strchr(between, *s) != NULL;
	*ips = arena_array(a, room, sizeof(**ips));
	*n = 0;
	for (const char *s = text + strspn(text, between); *s != '\0';
	     s += strspn(s, between)) {
		size_t len = strcspn(s, between);
		const char *one = arena_strndup(a, s, len);
		if (!parse_prefix(one, &(*ips)[(*n)++]))
			return err_set(err, "'%s' is no address or prefix",
			    one);
		s += len;
	}
	if (*n == 0)
		return err_set(err, "'%s' has no address", text);
	qsort(*ips, *n, sizeof(**ips), by_prefix);
	size_t kept = 1;
	for (size_t i = 1; i < *n; i++)
		if (by_prefix(&(*ips)[i], &(*ips)[kept - 1]) != 0)
			(*ips)[kept++] = (*ips)[i];
	*n = kept;
	return 0;
}

static bool
host_ok(const char *host)
{
	struct addr a;
	return addr_parse(host, &a) ||
	       (host[0] != '\0' && strlen(host) < 254 &&
		   strspn(host,
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		       "0123456789.-_") == strlen(host));
}

int
capd_repeat(const char *text, struct conf_repeat *r, struct arena *a,
    struct err *err)
{
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	r->host = arena_strndup(a, text, n);
	r->port = DEFAULT_PORT;
	if (!host_ok(r->host))
		return err_set(err, "'%s' is not HOST or HOST/PORT", text);
	if (slash == NULL)
		return 0;
	size_t digits = strspn(slash + 1, "0123456789");
	long port = digits > 5 ? 0 : strtol(slash + 1, NULL, 10);
	if (slash[1 + digits] != '\0' || port < 1 || port > 65535)
		return err_set(err, "'%s': port '%s' is not 1 to 65535", text,
		    slash + 1);
	r->port = (uint16_t)port;
	return 0;
}

int
capd_sampling(const char *text, int32_t *rate, struct err *err)
{
	size_t sign = *text == '-';
	size_t digits = strspn(text + sign, "0123456789");
	long n = digits > 8 ? 0 : strtol(text, NULL, 10);
	if (digits == 0 || text[sign + digits] != '\0' || n == 0 ||
	    n > CAPD_SAMPLE_MAX || n < -CAPD_SAMPLE_MAX)
		return err_set(err, "'%s' is not 1 to %d, or that with a minus",
		    text, CAPD_SAMPLE_MAX);
	*rate = (int32_t)n;
	return 0;
}
