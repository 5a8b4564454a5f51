/*
 * text: values as nfdump 1.7.1 writes them, added to a buffer.  What is
 * called text_put_ is written straight into memory (query/put.h): the
 * caller has room for the longest form and PUT_SLACK bytes.
 */
#ifndef QUERY_TEXT_H
#define QUERY_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "flow/flow.h"

#define TEXT_SCALED_LEN 24

/* Right-aligned in `width` columns, more when it needs them. */
void text_number(struct buf *b, uint64_t v, int width);
void text_right(struct buf *b, const char *s, int width);
void text_left(struct buf *b, const char *s, int width);

/* "3.1 M" from a million on, unless plain; returns buf. */
char *text_scaled(uint64_t v, bool plain, char *buf);
void text_counter(struct buf *b, uint64_t v, bool plain, int width);

/* Local time: "2026-01-01 12:00:00", and with ".123". */
void text_seconds(struct buf *b, uint64_t ms, char between);
void text_time(struct buf *b, uint64_t ms, char between);
#define TEXT_TIME_LEN 36
char *text_put_seconds(char *p, uint64_t ms, char between);
char *text_put_time(char *p, uint64_t ms, char between);

/* " 1d 02:03:04.567", 16 columns. */
void text_duration(struct buf *b, uint64_t ms);

/* Milliseconds as "%*.3f" seconds. */
void text_millis(struct buf *b, uint64_t ms, int width);
char *text_put_millis(char *p, uint64_t ms, int width);

#define TEXT_IP_LEN 46
char *text_ip(const struct flow_ip6 *ip, bool v6, char *buf);

/* As above; IPv6 longer than 16 characters becomes first 7, "..", last 7. */
char *text_ip_short(const struct flow_ip6 *ip, bool v6, char *buf);
char *text_put_ip_short(char *p, const struct flow_ip6 *ip, bool v6);

/* The same two, right-aligned in `width` columns. */
void text_address(struct buf *b, const struct flow_ip6 *ip, bool v6, int width);
void text_address_short(struct buf *b, const struct flow_ip6 *ip, bool v6,
    int width);

#define TEXT_FLAGS_LEN 9
char *text_flags(uint8_t flags, char *buf); /* "CEUAPRSF" or dots */
char *text_put_flags(char *p, uint8_t flags);

#define TEXT_MAC_LEN 18
char *text_mac(uint64_t mac, char *buf);
char *text_put_mac(char *p, uint64_t mac);

#define TEXT_MPLS_LEN 16
char *text_mpls(uint32_t label, char *buf); /* label-exp-bottom */
char *text_put_mpls(char *p, uint32_t label);

/* "TCP", or the number; at most 5 characters. */
const char *text_proto(uint8_t proto);

#endif
