#include "store/xml.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define CHUNK 65536

struct parser {
	XML_Parser expat;
	const struct xml_reader *r;
	void *ctx;
	struct buf text;
	int depth;
	bool leaf; /* the innermost element has no other one so far */
	bool failed;
	struct err *err;
};

static void
place(struct parser *p)
{
	(void)err_prefix(p->err, "line %lu, column %lu",
	    (unsigned long)XML_GetCurrentLineNumber(p->expat),
	    (unsigned long)XML_GetCurrentColumnNumber(p->expat) + 1);
}

static void
stop(struct parser *p)
{
	if (p->failed)
		return;
	p->failed = true;
	place(p);
	(void)XML_StopParser(p->expat, XML_FALSE);
}

static void
refuse(struct parser *p, const char *what)
{
	if (!p->failed)
		(void)err_set(p->err, "%s", what);
	stop(p);
}

static bool
blank(const struct buf *b)
{
	const char *s = buf_str(b);
	return strlen(s) == b->len && s[strspn(s, " \t\r\n")] == '\0';
}

static void XMLCALL
on_start(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
	struct parser *p = ctx;
	size_t n = 0;
	if (p->failed)
		return;
	while (attrs[n] != NULL)
		n++;
	if (++p->depth > XML_DEPTH)
		refuse(p, "elements nested too deep");
	else if (n > (size_t)2 * XML_ATTRS)
		refuse(p, "too many attributes");
	else if (!blank(&p->text))
		refuse(p, "text beside elements");
	else if (p->r->start(p->ctx, name, (const char *const *)attrs,
		     p->err) == -1)
		stop(p);
	buf_clear(&p->text);
	p->leaf = true;
}

static void XMLCALL
on_end(void *ctx, const XML_Char *name)
{
	struct parser *p = ctx;
	if (p->failed)
		return;
	if (!p->leaf && !blank(&p->text))
		refuse(p, "text beside elements");
	else if (p->r->end(p->ctx, name, p->leaf ? buf_str(&p->text) : "",
		     p->leaf ? p->text.len : 0, p->err) == -1)
		stop(p);
	buf_clear(&p->text);
	p->leaf = false;
	p->depth--;
}

static void XMLCALL
on_text(void *ctx, const XML_Char *s, int len)
{
	struct parser *p = ctx;
	if (p->failed)
		return;
	if (p->text.len + (size_t)len > XML_TEXT)
		refuse(p, "too much text in an element");
	else
		buf_add(&p->text, s, (size_t)len);
}

static void XMLCALL
on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	/* So no entity can be declared: expat reads no other subset. */
	if (has_subset)
		refuse(ctx, "a document type with declarations");
}

static void XMLCALL
on_skipped(void *ctx, const XML_Char *name, int is_parameter)
{
	(void)name;
	(void)is_parameter;
	refuse(ctx, "an unknown entity");
}

static void XMLCALL
on_instruction(void *ctx, const XML_Char *target, const XML_Char *data)
{
	(void)target;
	(void)data;
	refuse(ctx, "a processing instruction");
}

static int
begin(struct parser *p)
{
	p->expat = XML_ParserCreate("UTF-8");
	if (p->expat == NULL)
		return err_set(p->err, "no memory for an XML parser");
	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetStartDoctypeDeclHandler(p->expat, on_doctype);
	XML_SetSkippedEntityHandler(p->expat, on_skipped);
	XML_SetProcessingInstructionHandler(p->expat, on_instruction);
	(void)XML_SetParamEntityParsing(p->expat,
	    XML_PARAM_ENTITY_PARSING_NEVER);
	p->leaf = true;
	return 0;
}

static int
feed(struct parser *p, const void *data, size_t len, bool last)
{
	if (XML_Parse(p->expat, data, (int)len, last) == XML_STATUS_OK)
		return 0;
	if (p->failed)
		return -1;
	p->failed = true;
	(void)err_set(p->err, "%s",
	    XML_ErrorString(XML_GetErrorCode(p->expat)));
	place(p);
	return -1;
}

static void
finish(struct parser *p)
{
	if (p->expat != NULL)
		XML_ParserFree(p->expat);
	buf_free(&p->text);
}

int
xml_parse(const void *data, size_t len, const struct xml_reader *r, void *ctx,
    struct err *err)
{
	struct parser p = { .r = r, .ctx = ctx, .err = err };
	const char *bytes = len > 0 ? data : "";
	int rc = begin(&p);
	for (size_t at = 0; rc == 0; at += CHUNK) {
		size_t n = len - at < CHUNK ? len - at : CHUNK;
		bool last = at + n == len;
		rc = feed(&p, bytes + at, n, last);
		if (last)
			break;
	}
	finish(&p);
	return rc;
}

static int
parse_fd(struct parser *p, int fd, uint64_t limit)
{
	char bytes[CHUNK];
	uint64_t total = 0;
	for (ssize_t n = 1; n > 0;) {
		n = read(fd, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n == -1)
			return err_set(p->err, "%s", strerror(errno));
		total += (uint64_t)n;
		if (total > limit)
			return err_set(p->err, "larger than %llu bytes",
			    (unsigned long long)limit);
		if (feed(p, bytes, (size_t)n, n == 0) == -1)
			return -1;
	}
	return 0;
}

int
xml_parse_file(const char *path, uint64_t limit, const struct xml_reader *r,
    void *ctx, struct err *err)
{
	struct parser p = { .r = r, .ctx = ctx, .err = err };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return err_set(err, "%s: %s", path, strerror(errno));
	int rc = begin(&p);
	if (rc == 0)
		rc = parse_fd(&p, fd, limit);
	finish(&p);
	(void)close(fd);
	return rc == 0 ? 0 : err_prefix(err, "%s", path);
}

const char *
xml_attr(const char *const *attrs, const char *name)
{
	for (size_t i = 0; attrs[i] != NULL; i += 2)
		if (strcmp(attrs[i], name) == 0)
			return attrs[i + 1];
	return NULL;
}
