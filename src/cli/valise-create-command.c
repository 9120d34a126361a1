/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "bundle/valise-bring.h"
#include "engine/valise-jobs.h"
#include "model/valise-profile.h"
#include "model/valise-rules.h"

typedef struct
{
  char *iso, *image, *kernel, *initrd, *cmdline, *memory, *firmware, *accel, *directory;
  char **disks;
  int cpus;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->iso);
  g_free (self->image);
  g_free (self->kernel);
  g_free (self->initrd);
  g_free (self->cmdline);
  g_free (self->memory);
  g_free (self->firmware);
  g_free (self->accel);
  g_free (self->directory);
  g_strfreev (self->disks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

#define HOW_MANY_SUIT (-1)

static gboolean
refuse_word (const char *option, const char *value, const char *allowed, GError **error)
{
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("%s takes %s, not “%s”."), option, allowed,
               value);
  return FALSE;
}

static gboolean
parse_firmware (const char *word, int *firmware, GError **error)
{
  const char *const *words = valise_firmware_words ();
  g_autofree char *allowed = g_strjoinv (", ", (char **) words);

  *firmware = -1;
  if (word == NULL)
    return TRUE;
  for (int i = 0; words[i] != NULL; i++)
    if (g_str_equal (word, words[i]))
      *firmware = i;
  return *firmware >= 0 || refuse_word ("--firmware", word, allowed, error);
}

/* Nothing is no size: where it should be as it suits, the option is left out. */
static gboolean
parse_size (const char *option, const char *word, guint64 unit, guint64 *size, GError **error)
{
  if (!valise_size_parse (word, unit, size, error))
    {
      g_prefix_error (error, "%s: ", option);
      return FALSE;
    }
  return *size > 0 || refuse_word (option, word, _ ("a size above 0"), error);
}

static gboolean
parse_disks (char **words, GArray **disks, GError **error)
{
  *disks = NULL;
  if (words == NULL)
    return TRUE;
  *disks = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint64 size;

      /* "--disk none" makes a machine without a disk, e.g. for a live system. */
      if (g_str_equal (words[i], "none"))
        continue;
      if (!parse_size ("--disk", words[i], 1, &size, error))
        return FALSE;
      g_array_append_val (*disks, size);
    }
  return TRUE;
}

static gboolean
fill_proposal (ValiseCall *call, const Options *options, const char *name, ValiseProposal *proposal, GError **error)
{
  proposal->name = (char *) name;
  if (options->cpus < 1 && options->cpus != HOW_MANY_SUIT)
    {
      g_autofree char *number = g_strdup_printf ("%d", options->cpus);

      return refuse_word ("--cpus", number, _ ("a number from 1"), error);
    }
  proposal->cpus = (guint) MAX (options->cpus, 0);
  if (options->memory != NULL && !parse_size ("--memory", options->memory, VALISE_MIB, &proposal->memory, error))
    return FALSE;
  if (options->accel != NULL && !g_strv_contains ((const char *[]){ "auto", "kvm", "tcg", NULL }, options->accel))
    return refuse_word ("--accel", options->accel, "auto, kvm, tcg", error);
  proposal->accel = options->accel;
  return parse_firmware (options->firmware, &proposal->firmware, error)
         && parse_disks (options->disks, &proposal->disks, error);
}

/* --- what it is made from --- */

/* The options name one thing to start from, and what belongs to it. */
static gboolean
check_one (const Options *options, GError **error)
{
  static const char *const names[] = { "--iso", "--image", "--kernel" };
  const char *const given[] = { options->iso, options->image, options->kernel };
  const char *first = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (given[i] != NULL && first != NULL)
      {
        g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("Give either %s or %s."), first,
                     names[i]);
        return FALSE;
      }
    else if (given[i] != NULL)
      first = names[i];
  if (options->kernel != NULL || (options->initrd == NULL && options->cmdline == NULL))
    return TRUE;
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
               _ ("%s is for a kernel: give --kernel as well."), options->initrd != NULL ? "--initrd" : "--cmdline");
  return FALSE;
}

static gboolean
check_file (const char *option, const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("%s: there is no file “%s”."), option, path);
  return FALSE;
}

static ValiseProfile *
look_at_kernel (ValiseCall *call, const Options *options, ValiseCapabilities *capabilities, GError **error)
{
  g_autofree char *kernel = valise_call_resolve (call, options->kernel);
  g_autofree char *initrd = options->initrd != NULL ? valise_call_resolve (call, options->initrd) : NULL;
  ValiseProfile *profile;

  if (!check_file ("--kernel", kernel, error) || (initrd != NULL && !check_file ("--initrd", initrd, error)))
    return NULL;
  profile = valise_profile_from_kernel (kernel, capabilities, error);
  if (profile == NULL || initrd == NULL)
    return profile;
  g_free (profile->initrd);
  profile->initrd = g_steal_pointer (&initrd);
  return profile;
}

/* Images of other programs come in as machines of theirs do, and that is said. */
static ValiseProfile *
look_at_image (const char *image, ValiseCapabilities *capabilities, GError **error)
{
  g_autoptr (GError) failure = NULL;
  ValiseProfile *profile = valise_profile_from_image (image, capabilities, &failure);

  if (profile != NULL)
    return profile;
  if (g_error_matches (failure, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT))
    g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
                 _ ("“%s” is a disk of another program. “valisectl import” makes a machine of it."), image);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static ValiseProfile *
look (ValiseCall *call, const Options *options, const char *iso, const char *image, GError **error)
{
  ValiseCapabilities *capabilities = valise_host_get_capabilities (valise_library_get_host (call->library));

  if (iso != NULL)
    return valise_profile_from_iso (iso, capabilities, call->cancellable, error);
  if (image != NULL)
    return look_at_image (image, capabilities, error);
  if (options->kernel != NULL)
    return look_at_kernel (call, options, capabilities, error);
  return valise_profile_generic (capabilities);
}

/* What is copied into the new bundle; @document then names it there. */
static gboolean
list_files (const ValiseProfile *profile,
            const char *image,
            ValiseDocument *document,
            GHashTable *files,
            GError **error)
{
  const char *place = valise_profile_get_image_file (profile);

  if (image != NULL && place != NULL)
    g_hash_table_replace (files, g_strdup (place), g_strdup (image));
  return profile->kernel == NULL || valise_bring_kernel (document, files, error);
}

static ValiseDocument *
propose (ValiseCall *call, const Options *options, const char *name, GHashTable *files, GError **error)
{
  ValiseCapabilities *capabilities = valise_host_get_capabilities (valise_library_get_host (call->library));
  g_autofree char *iso = options->iso != NULL ? valise_call_resolve (call, options->iso) : NULL;
  g_autofree char *image = options->image != NULL ? valise_call_resolve (call, options->image) : NULL;
  g_autoptr (ValiseProfile) profile = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  ValiseProposal proposal = { .iso = iso };

  if (check_one (options, error) && fill_proposal (call, options, name, &proposal, error))
    {
      profile = look (call, options, iso, image, error);
      if (profile != NULL)
        document = valise_profile_propose (profile, &proposal, capabilities, error);
    }
  g_clear_pointer (&proposal.disks, g_array_unref);
  if (document == NULL
      || (options->cmdline != NULL && !valise_document_set (document, "os/cmdline", options->cmdline, error))
      || !list_files (profile, image, document, files, error))
    return NULL;
  return g_steal_pointer (&document);
}

/* Warnings are told; an error stops before anything is written. */
static gboolean
check (ValiseCall *call, ValiseDocument *document, GError **error)
{
  ValiseCapabilities *capabilities = valise_host_get_capabilities (valise_library_get_host (call->library));
  g_autoptr (GPtrArray) findings = valise_rules_check (document, capabilities, NULL);

  valise_call_print_findings (call, findings);
  if (valise_findings_worst (findings) < VALISE_SEVERITY_ERROR)
    return TRUE;
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
               _ ("Nothing was made. Change what is marked as an error above."));
  return FALSE;
}

gboolean
_valise_command_create (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (Options) options = { .cpus = HOW_MANY_SUIT };
  GOptionEntry entries[] = {
    { "iso", 0, 0, G_OPTION_ARG_FILENAME, &options.iso, NULL, NULL },
    { "image", 0, 0, G_OPTION_ARG_FILENAME, &options.image, NULL, NULL },
    { "kernel", 0, 0, G_OPTION_ARG_FILENAME, &options.kernel, NULL, NULL },
    { "initrd", 0, 0, G_OPTION_ARG_FILENAME, &options.initrd, NULL, NULL },
    { "cmdline", 0, 0, G_OPTION_ARG_FILENAME, &options.cmdline, NULL, NULL },
    { "cpus", 0, 0, G_OPTION_ARG_INT, &options.cpus, NULL, NULL },
    { "memory", 0, 0, G_OPTION_ARG_FILENAME, &options.memory, NULL, NULL },
    { "disk", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.disks, NULL, NULL },
    { "firmware", 0, 0, G_OPTION_ARG_FILENAME, &options.firmware, NULL, NULL },
    { "accel", 0, 0, G_OPTION_ARG_FILENAME, &options.accel, NULL, NULL },
    { "in", 0, 0, G_OPTION_ARG_FILENAME, &options.directory, NULL, NULL },
    { NULL },
  };
  g_autofree char *directory = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (ValiseJob) job = NULL;
  g_auto (GStrv) operands = NULL;

  if (!valise_call_parse (call, "create", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  document = propose (call, &options, operands[0], files, error);
  if (document == NULL || !check (call, document, error))
    return FALSE;
  directory = options.directory != NULL ? valise_call_resolve (call, options.directory) : NULL;
  job = valise_create_job_new (call->library, directory, operands[0], document, files);
  return valise_call_run_job (call, job, error) && valise_call_adopt (call, job, error);
}
