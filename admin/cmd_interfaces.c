/* interfaces: counters of exporters' interfaces, as a table or as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/daemon.h"
#include "admin/fields.h"
#include "base/addr.h"

#define WORD_MAX 128 /* an ident, an address */

/* Names may have blanks in them, so they end the line. */
static const char *
name_of(const char *line)
{
	const char *name = strstr(line, " name=");
	return name != NULL ? name + strlen(" name=") : "";
}

static const char *
word(const char *line, const char *key, char buf[WORD_MAX])
{
	if (!fields_word(line, key, buf, WORD_MAX))
		buf[0] = '\0';
	return buf;
}

/* The i-th interface from *at on, which is moved behind it; NULL: no more. */
static const char *
next_line(const struct ctl_result *r, size_t *at)
{
	while (*at < r->n) {
		const struct ctl_arg *a = &r->data[(*at)++];
		if (a->array && strcmp(a->key, "interface") == 0)
			return a->value;
	}
	return NULL;
}

/* ---- table ---------------------------------------------------------------- */

struct widths {
	int source, exporter, name;
};

static void
widen(int *w, size_t n)
{
	if ((int)n > *w)
		*w = (int)n;
}

static struct widths
measure(const struct ctl_result *r)
{
	struct widths w = { 6, 8, 4 };
	char buf[WORD_MAX];
	const char *line;
	for (size_t at = 0; (line = next_line(r, &at)) != NULL;) {
		widen(&w.source, strlen(word(line, "ident", buf)));
		widen(&w.exporter, strlen(word(line, "agent", buf)));
		widen(&w.name, strlen(name_of(line)));
	}
	return w;
}

/* "10 Gbit/s"; a speed of 0 is not known. */
static void
print_speed(uint64_t bits, char *buf, size_t size)
{
	static const char units[] = " kMGT";
	size_t u = 0;
	while (bits >= 1000 && bits % 100 == 0 && u < sizeof(units) - 2) {
		if (bits % 1000 != 0)
			break;
		bits /= 1000;
		u++;
	}
	if (bits == 0)
		(void)snprintf(buf, size, "-");
	else if (u == 0)
		(void)snprintf(buf, size, "%" PRIu64 " bit/s", bits);
	else
		(void)snprintf(buf, size, "%" PRIu64 " %cbit/s", bits,
		    units[u]);
}

static void
print_row(const char *line, const struct widths *w)
{
	char ident[WORD_MAX], agent[WORD_MAX], oper[WORD_MAX], speed[32];
	const char *name = name_of(line);
	print_speed(fields_number(line, "speed"), speed, sizeof(speed));
	(void)printf("%-*s  %-*s  %10" PRIu64 "  %-*s  %12s  %-5s  %20" PRIu64
		     "  %20" PRIu64 "  %10" PRIu64 "  %10" PRIu64 "\n",
	    w->source, word(line, "ident", ident), w->exporter,
	    word(line, "agent", agent), fields_number(line, "index"), w->name,
	    name[0] != '\0' ? name : "-", speed, word(line, "oper", oper),
	    fields_number(line, "in_octets"), fields_number(line, "out_octets"),
	    fields_number(line, "in_errors") +
		fields_number(line, "in_discards"),
	    fields_number(line, "out_errors") +
		fields_number(line, "out_discards"));
}

static void
print_table(const struct ctl_result *r)
{
	const struct widths w = measure(r);
	size_t at = 0, n = 0;
	for (const char *line; (line = next_line(r, &at)) != NULL; n++) {
		if (n == 0)
			(void)printf("%-*s  %-*s  %10s  %-*s  %12s  %-5s  "
				     "%20s  %20s  %10s  %10s\n",
			    w.source, "Source", w.exporter, "Exporter", "Index",
			    w.name, "Name", "Speed", "State", "In octets",
			    "Out octets", "In errors", "Out errors");
		print_row(line, &w);
	}
	if (n == 0)
		(void)printf("No exporter sent counters of interfaces "
			     "(sFlow's do).\n");
}

/* ---- JSON ----------------------------------------------------------------- */

static void
print_string(const char *key, const char *s)
{
	(void)printf("\"%s\": \"", key);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			(void)putchar('\\');
		(void)putchar(*s);
	}
	(void)putchar('"');
}

static void
print_object(const char *line)
{
	static const char *const words[] = { "ident", "ip", "agent", "admin",
		"oper" };
	static const char *const numbers[] = { "id", "index", "received_ms",
		"samples", "type", "speed", "direction", "in_octets",
		"in_unicast", "in_multicast", "in_broadcast", "in_discards",
		"in_errors", "in_unknown", "out_octets", "out_unicast",
		"out_multicast", "out_broadcast", "out_discards", "out_errors",
		"promiscuous" };
	char buf[WORD_MAX];
	(void)printf("  { ");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		print_string(words[i], word(line, words[i], buf));
		(void)printf(", ");
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		(void)printf("\"%s\": %" PRIu64 ", ", numbers[i],
		    fields_number(line, numbers[i]));
	print_string("name", name_of(line));
	(void)printf(" }");
}

static void
print_json(const struct ctl_result *r)
{
	size_t at = 0;
	const char *sep = "\n";
	(void)printf("[");
	for (const char *line; (line = next_line(r, &at)) != NULL;
	     sep = ",\n") {
		(void)fputs(sep, stdout);
		print_object(line);
	}
	(void)printf("\n]\n");
}

/* ---- the command ----------------------------------------------------------- */

static void
print_left_out(const struct ctl_result *r)
{
	const char *n = ctl_result_get(r, "left_out");
	if (n != NULL && strcmp(n, "0") != 0)
		(void)fprintf(stderr, "%s more interfaces are not shown\n", n);
}

int
cmd_interfaces(struct admin *a)
{
	struct ctl_result r;
	struct err err;
	pid_t pid;
	char ident[WORD_MAX + 8];
	const char *args[] = { NULL, NULL };
	if (a->source != NULL) {
		if (conf_source_find(a->c, a->source) == NULL) {
			(void)err_set(&err, "no source '%s' in %s", a->source,
			    a->c->file);
			return admin_fail(&err);
		}
		(void)snprintf(ident, sizeof(ident), "ident=%s", a->source);
		args[0] = ident;
	}
	if (daemon_look(a->c, &daemon_collector, &pid) != DAEMON_UP) {
		(void)err_set(&err, "the collector is not running");
		return admin_fail(&err);
	}
	int rc =
	    daemon_call(a->c, &daemon_collector, "interfaces", args, &r, &err);
	if (rc == -1)
		(void)admin_fail(&err);
	else if (a->json)
		print_json(&r);
	else
		print_table(&r);
	if (rc == 0)
		print_left_out(&r);
	ctl_result_free(&r);
	return rc == 0 ? EXIT_OK : EXIT_FAILED;
}
