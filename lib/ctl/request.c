#include "ctl/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

size_t
ctl_request_end(const char *data, size_t len, size_t *scan)
{
	if (len >= 2 && memcmp(data, ".\n", 2) == 0)
		return 2;
	size_t from = *scan;
	if (from < len) {
		const char *p = memmem(data + from, len - from, "\n.\n", 3);
		if (p != NULL)
			return (size_t)(p - data) + 3;
	}
	/* The marker may be cut in two. */
	*scan = len > 2 ? len - 2 : 0;
	return 0;
}

/* ---- words ---------------------------------------------------------------- */

/* A carriage return is one between words, but stays in values. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static char *
skip_blanks(char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/* Three characters at least, an array's mark included: nfsend's rule. */
static bool
key_ok(const char *key)
{
	size_t n = strlen(key);
	if (n < 3 || n > CTL_KEY_MAX || !is_word(key[0]) || !is_word(key[1]))
		return false;
	for (size_t i = 2; i < n; i++)
		if (!is_word(key[i]) && key[i] != '-')
			return false;
	return true;
}

/* ---- settings -------------------------------------------------------------- */

static bool
is_setting(const char *line)
{
	return line[0] == '.' && is_word(line[1]);
}

/* The number after "name=" in text, -1: not that name, or no number. */
static long
setting_value(const char *text, const char *name)
{
	size_t n = strlen(name);
	if (strncmp(text, name, n) != 0 || text[n] != '=' ||
	    text[n + 1] < '0' || text[n + 1] > '9')
		return -1;
	char *end;
	long v = strtol(text + n + 1, &end, 10);
	return *end == '\0' ? v : -1;
}

static void
take_setting(struct ctl_talk *t, const char *text, struct buf *info)
{
	long silent = setting_value(text, "silent");
	long debug = setting_value(text, "debug");
	long timeout = setting_value(text, "timeout");
	struct buf said = BUF_EMPTY;
	if (silent == 0 || silent == 1)
		t->silent = silent == 1;
	else if (debug == 0 || debug == 1) {
		t->debug = debug == 1;
		buf_printf(&said, "INFO Set debug to %ld\n", debug);
	} else if (timeout > 0 && timeout <= CTL_TIMEOUT_MAX) {
		t->timeout_ms = (int)timeout * 1000;
		buf_printf(&said, "INFO Set timeout to %ld\n", timeout);
	} else
		buf_printf(&said, "INFO Unknown internal: '%.200s'\n", text);
	if (!t->silent)
		buf_adds(info, buf_str(&said));
	buf_free(&said);
}

/* ---- the command ------------------------------------------------------------ */

static void
take_command(struct ctl_request *r, char *line, enum ctl_kind *kind)
{
	r->command = skip_blanks(line);
	if (*r->command == '\0') {
		*kind = *line == '\0' ? CTL_EMPTY : CTL_BLANK;
		r->command = line;
		return;
	}
	*kind = CTL_COMMAND;
	if (*r->command == '@') {
		r->binary = true;
		r->command++;
	}
	char *p = r->command;
	while (*p != '\0' && !is_blank(*p))
		p++;
	if (*p != '\0')
		*p++ = '\0';
	r->rest = skip_blanks(p);
}

/*
 * Lines become strings; the first that is no setting is the command.  What
 * follows it is kept for ctl_request_args, without settings.
 */
static void
take_lines(struct ctl_request *r, struct ctl_talk *talk, enum ctl_kind *kind,
    struct buf *info)
{
	char *line = r->text;
	size_t n = 0;
	for (char *lf; (lf = strchr(line, '\n')) != NULL; line = lf + 1) {
		*lf = '\0';
		if (strcmp(line, ".") == 0)
			break;
		if (strcmp(line, "..") == 0)
			line++;
		if (is_setting(line))
			take_setting(talk, line + 1, info);
		else if (r->command == NULL)
			take_command(r, line, kind);
		else if (n < CTL_ARGS_MAX + 1)
			r->lines[n++] = line;
	}
	r->n_lines = n;
}

int
ctl_request_read(struct ctl_request *r, struct ctl_talk *talk, const char *data,
    size_t len, enum ctl_kind *kind, struct buf *info, struct err *err)
{
	*r = (struct ctl_request){ 0 };
	*kind = CTL_NOTHING;
	if (memchr(data, '\0', len) != NULL)
		return err_set(err, "NUL byte in request");
	size_t lines = 0;
	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	if (lines > CTL_ARGS_MAX)
		lines = CTL_ARGS_MAX + 1;
	r->text = mem_alloc(len + 1);
	memcpy(r->text, data, len);
	r->text[len] = '\0';
	r->lines = mem_calloc(lines + 1, sizeof(*r->lines));
	take_lines(r, talk, kind, info);
	return 0;
}

bool
ctl_request_quits(const struct ctl_request *r)
{
	return strcmp(r->command, "quit") == 0 && r->rest[0] == '\0';
}

/* ---- arguments ---------------------------------------------------------------- */

static int
store(struct ctl_request *r, const struct ctl_arg *arg, struct err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		struct ctl_arg *a = &r->args[i];
		if (strcmp(a->key, arg->key) != 0)
			continue;
		if (a->array && !arg->array)
			return err_set(err, "tried to assign a scalar entry "
					    "to an array entry");
		if (!a->array && arg->array)
			return err_set(err, "tried to assign an array entry "
					    "to a scalar element");
		if (arg->array)
			break;
		a->value = arg->value;
		return 0;
	}
	if (r->n == CTL_ARGS_MAX)
		return err_set(err, "more than %d arguments", CTL_ARGS_MAX);
	r->args[r->n++] = *arg;
	return 0;
}

/* "key=value" or "_key=value", in place. */
static int
parse_arg(struct ctl_request *r, char *line, struct err *err)
{
	char *key = skip_blanks(line);
	char *eq = strchr(key, '=');
	if (eq == NULL)
		return err_set(err, "key format error");
	char *end = eq;
	while (end > key && is_blank(end[-1]))
		end--;
	*end = '\0';
	if (!key_ok(key))
		return err_set(err, "key format error");
	struct ctl_arg arg = { .key = key, .value = eq + 1 };
	while (*arg.value == ' ' || *arg.value == '\t')
		arg.value++;
	if (*key == '_') {
		arg.array = true;
		arg.key++;
	}
	if (strlen(arg.value) > CTL_VALUE_MAX)
		return err_set(err, "value too long.");
	return store(r, &arg, err);
}

int
ctl_request_args(struct ctl_request *r, struct err *err)
{
	r->args = mem_calloc(r->n_lines + 1, sizeof(*r->args));
	if (r->rest != NULL && r->rest[0] != '\0' &&
	    parse_arg(r, r->rest, err) == -1)
		return -1;
	for (size_t i = 0; i < r->n_lines; i++)
		if (parse_arg(r, r->lines[i], err) == -1)
			return -1;
	return 0;
}

/* ---- said back ------------------------------------------------------------------ */

void
ctl_request_echo_command(const struct ctl_request *r, struct buf *out)
{
	buf_printf(out, ".Command is '%s' binary mode: %d\n", r->command,
	    r->binary);
}

void
ctl_request_echo_args(const struct ctl_request *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++)
		buf_printf(out, ".Key: '%s', value: '%s'\n", r->args[i].key,
		    r->args[i].value);
}

void
ctl_request_free(struct ctl_request *r)
{
	free(r->args);
	free(r->lines);
	free(r->text);
	*r = (struct ctl_request){ 0 };
}

const char *
ctl_arg(const struct ctl_request *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->args[i].key, key) == 0)
			return r->args[i].value;
	return NULL;
}
