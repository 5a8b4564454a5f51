/*
 * address: "127.0.0.1:9390", "[::1]:9390".
 */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* Address and port 1..65535; false leaves both untouched. */
bool conf_address_parse(const char *text, struct addr *a, uint16_t *port);

/* 127.0.0.0/8 and ::1. */
bool conf_address_is_loopback(const struct addr *a);

#endif
