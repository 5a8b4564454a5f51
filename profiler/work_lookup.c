#include "profiler/work_lookup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"

#define WHOIS_MAX     (64 * 1024) /* bytes of an answer */
#define WHOIS_SECONDS 10

/* ---- addresses -------------------------------------------------------------- */

static bool
is_address(const char *text)
{
	struct in6_addr a;
	return inet_pton(AF_INET, text, &a) == 1 ||
	       inet_pton(AF_INET6, text, &a) == 1;
}

bool
lookup_address(const char *text, char *buf)
{
	size_t n = strcspn(text, " \t\r\n");
	if (n == 0 || n >= LOOKUP_MAX)
		return false;
	memcpy(buf, text, n);
	buf[n] = '\0';
	if (is_address(buf))
		return true;
	/* nfdump writes ports behind ':' for IPv4, behind '.' for IPv6. */
	char *port = strrchr(buf, strchr(buf, '.') == strrchr(buf, '.') &&
					  strchr(buf, ':') != strrchr(buf, ':')
				      ? '.'
				      : ':');
	if (port == NULL)
		return false;
	*port = '\0';
	return is_address(buf);
}

/* False: there is no name. */
static bool
name_of(const char *address, char *name, size_t size)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *ai;
	if (getaddrinfo(address, NULL, &hints, &ai) != 0)
		return false;
	int rc = getnameinfo(ai->ai_addr, ai->ai_addrlen, name, (socklen_t)size,
	    NULL, 0, NI_NAMEREQD);
	freeaddrinfo(ai);
	return rc == 0;
}

/* ---- HTML --------------------------------------------------------------------- */

static void
print_html(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '<')
			(void)fputs("&lt;", stdout);
		else if (c == '>')
			(void)fputs("&gt;", stdout);
		else if (c == '&')
			(void)fputs("&amp;", stdout);
		else if (c == '"')
			(void)fputs("&quot;", stdout);
		else if (c == '\'')
			(void)fputs("&#39;", stdout);
		else if (isprint(c))
			(void)putchar(c);
		else
			(void)putchar('?');
	}
}

/* ---- whois ---------------------------------------------------------------------- */

static int
dial(const char *server)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const struct timeval limit = { .tv_sec = WHOIS_SECONDS };
	struct addrinfo *all;
	int fd = -1;
	if (getaddrinfo(server, "43", &hints, &all) != 0)
		return -1;
	for (struct addrinfo *a = all; a != NULL && fd == -1; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd == -1)
			continue;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
		    sizeof(limit));
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
		    sizeof(limit));
		if (connect(fd, a->ai_addr, a->ai_addrlen) == -1) {
			(void)close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(all);
	return fd;
}

static int
ask(const char *server, const char *address, struct buf *answer)
{
	char question[LOOKUP_MAX + 8];
	int n = snprintf(question, sizeof(question), "%s\r\n", address);
	int fd = dial(server);
	if (fd == -1)
		return -1;
	ssize_t k = send(fd, question, (size_t)n, MSG_NOSIGNAL);
	while (k > 0 && answer->len < WHOIS_MAX) {
		char text[4096];
		k = recv(fd, text, sizeof(text), 0);
		if (k > 0)
			buf_add(answer, text, (size_t)k);
	}
	(void)close(fd);
	return answer->len != 0 ? 0 : -1;
}

/* What registries call it, and what NfSen's pages show. */
static const struct {
	const char *key, *shown;
} fields[] = {
	{ "inetnum", "IP range     " },
	{ "inet6num", "IP range     " },
	{ "NetRange", "IP range     " },
	{ "netname", "Network name " },
	{ "NetName", "Network name " },
	{ "descr", "Infos        " },
	{ "org-name", "Infos        " },
	{ "OrgName", "Infos        " },
	{ "country", "Country      " },
	{ "Country", "Country      " },
	{ "abuse-mailbox", "Abuse email  " },
	{ "OrgAbuseEmail", "Abuse email  " },
	{ "e-mail", "E-mail       " },
	{ "source", "Source       " },
};

static void
print_field(const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	if (colon == NULL)
		return;
	size_t k = (size_t)(colon - line);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strlen(fields[i].key) != k ||
		    strncmp(fields[i].key, line, k) != 0)
			continue;
		size_t from = k + 1;
		while (from < n && isspace((unsigned char)line[from]))
			from++;
		while (n > from && isspace((unsigned char)line[n - 1]))
			n--;
		(void)printf("%s: ", fields[i].shown);
		print_html(line + from, n - from);
		(void)putchar('\n');
		return;
	}
}

static void
print_whois(const char *server, const char *address)
{
	struct buf answer = BUF_EMPTY;
	if (ask(server, address, &answer) == -1) {
		(void)fputs("No answer from ", stdout);
		print_html(server, strlen(server));
		(void)putchar('\n');
	}
	for (const char *p = buf_str(&answer); *p != '\0';) {
		size_t n = strcspn(p, "\n");
		print_field(p, n);
		p += n + (p[n] == '\n');
	}
	buf_free(&answer);
}

int
work_lookup(int argc, char **argv)
{
	char name[NI_MAXHOST];
	if (argc < 2)
		return 1;
	if (!name_of(argv[1], name, sizeof(name)))
		(void)snprintf(name, sizeof(name), "(no name)");
	(void)fputs("OK\n<b>", stdout);
	print_html(argv[1], strlen(argv[1]));
	(void)fputs(" -&gt; ", stdout);
	print_html(name, strlen(name));
	(void)fputs("</b>\n<pre>\n", stdout);
	if (argc > 2)
		print_whois(argv[2], argv[1]);
	(void)fputs("</pre>\n", stdout);
	return 0;
}
