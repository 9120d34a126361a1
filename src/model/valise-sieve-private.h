/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-effective.h"

G_BEGIN_DECLS

/* A place in the sifted tree that names a file of the bundle. */
typedef struct
{
  xmlNode *node;
  char *attribute; /* NULL: the element's text */
  char *relative;
} ValiseSieveFile;

/**
 * ValiseSieve:
 *
 * One pass of the whitelist over a stored document: what it lets through and what has to be asked. Looks at no file.
 */
typedef struct
{
  xmlDoc *tree;        /* what came through; paths of the bundle still relative */
  GPtrArray *asks;     /* (element-type ValiseAsk) */
  GPtrArray *files;    /* (element-type ValiseSieveFile) */
  GHashTable *granted; /* set of xmlNode in @tree that were copied whole because of a grant */
} ValiseSieve;

/* @grants: %NULL grants nothing */
ValiseSieve *_valise_sieve_new (ValiseDocument *stored, const char *directory, ValiseGrants *grants);
void _valise_sieve_free (ValiseSieve *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSieve, _valise_sieve_free)

/* The path below @directory of what @path names from there, or %NULL when that lies outside. (transfer full) */
char *_valise_sieve_relative (const char *directory, const char *path);
/* What an ask says to people. @value may be %NULL. (transfer full) */
char *_valise_ask_text (const char *pattern, const char *value, xmlNode *node);

G_END_DECLS
