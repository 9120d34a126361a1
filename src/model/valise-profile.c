/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-profile-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"
#include "formats/valise-kernel.h"

#define CPUS_DEFAULT 2
#define CPUS_ROOMY 4
#define MEMORY_LEAST (512 * VALISE_MIB)
#define MEMORY_DEFAULT (2 * VALISE_GIB)
#define MEMORY_ROOMY (4 * VALISE_GIB)
/* What the Windows of the BIOS age can use without trouble. */
#define MEMORY_OLD VALISE_GIB
#define DISK_DEFAULT (25 * VALISE_GIB)

G_DEFINE_QUARK (valise_profile_error_quark, valise_profile_error)

/* --- fitting to this computer --- */

/* Two, or four where the computer has plenty; never more than there are. */
static guint
fit_cpus (guint wanted, ValiseCapabilities *capabilities)
{
  guint here = valise_capabilities_get_cpus (capabilities);

  return CLAMP (MAX (wanted, here >= 2 * CPUS_ROOMY ? CPUS_ROOMY : CPUS_DEFAULT), 1, here);
}

/* What is recommended, more where there is plenty, and never more than half of what there is: the rest is for
 * everything else. */
static guint64
fit_memory (guint64 wanted, ValiseCapabilities *capabilities)
{
  guint64 here = valise_capabilities_get_memory (capabilities);
  guint64 half = here / 2 / (256 * VALISE_MIB) * (256 * VALISE_MIB);
  guint64 memory = wanted != 0 ? wanted : MEMORY_DEFAULT;

  if (memory >= MEMORY_DEFAULT && here >= 4 * MEMORY_ROOMY)
    memory = MAX (memory, MEMORY_ROOMY);
  return here == 0 ? memory : MAX (MIN (memory, half), MEMORY_LEAST);
}

static gboolean
has_firmware (ValiseCapabilities *capabilities, ValiseFirmware firmware)
{
  g_autofree char *reason = valise_capabilities_firmware_reason (capabilities, firmware);

  return reason == NULL;
}

/* UEFI where the disc starts with it and this computer has it. */
static ValiseFirmware
fit_firmware (const ValiseProfile *self, gboolean bios_only, ValiseCapabilities *capabilities)
{
  if (bios_only || (!self->boots_uefi && self->boots_bios))
    return VALISE_FIRMWARE_BIOS;
  if (self->tpm && has_firmware (capabilities, VALISE_FIRMWARE_UEFI_SECURE))
    return VALISE_FIRMWARE_UEFI_SECURE;
  if (self->boots_uefi && has_firmware (capabilities, VALISE_FIRMWARE_UEFI))
    return VALISE_FIRMWARE_UEFI;
  return VALISE_FIRMWARE_BIOS;
}

/* --- what it is --- */

static ValiseAdvice *
merge (ValiseAdvice *known, ValiseAdvice *ours)
{
  if (known != NULL)
    {
      known->memory = MAX (known->memory, ours != NULL ? ours->memory : MEMORY_DEFAULT);
      known->disk = MAX (known->disk, ours != NULL ? ours->disk : DISK_DEFAULT);
      _valise_advice_free (ours);
      return known;
    }
  return ours;
}

/* The database knows some discs only as "some Fedora"; our table then says more. */
static ValiseAdvice *
find_advice (const ValiseIso *iso)
{
  ValiseAdvice *known = _valise_advice_from_osinfo (iso);
  ValiseAdvice *ours = _valise_advice_from_label (iso->label);

  if (known != NULL && ours != NULL && g_str_has_suffix (known->os_id, "/unknown"))
    g_clear_pointer (&known, _valise_advice_free);
  return merge (known, ours);
}

/* Labels that a tool put in because nobody chose one. */
static gboolean
says_nothing (const char *label)
{
  static const char *const words[] = { "ISOIMAGE", "CDROM", "CDROM_IMAGE", "NEW", "UNDEFINED", "DISC", "", NULL };

  return g_strv_contains (words, label);
}

/* A disc that nobody knows: what the file says of itself, and for anything that names Linux the drivers every Linux
 * has. */
static ValiseAdvice *
guess (const ValiseIso *iso)
{
  ValiseAdvice *self = g_new0 (ValiseAdvice, 1);

  self->name = g_strdup (says_nothing (iso->label) ? _ ("Unknown system") : iso->label);
  self->virtio = g_ascii_strcasecmp (iso->system, "LINUX") == 0 || *iso->system == '\0';
  return self;
}

static ValiseProfile *
profile_from_advice (const ValiseAdvice *advice, ValiseCapabilities *capabilities)
{
  ValiseProfile *self = g_new0 (ValiseProfile, 1);

  self->os_id = g_strdup (advice->os_id);
  self->name = g_strdup (advice->name);
  self->cpus = fit_cpus (advice->cpus, capabilities);
  self->memory = fit_memory (advice->memory, capabilities);
  self->disk = advice->disk != 0 ? advice->disk : DISK_DEFAULT;
  self->virtio = advice->virtio;
  self->windows = advice->windows;
  self->tpm = advice->tpm && valise_capabilities_has_tpm (capabilities);
  if (advice->bios_only)
    {
      self->cpus = 1;
      self->memory = MIN (self->memory, MEMORY_OLD);
    }
  return self;
}

static ValiseProfile *
profile_from_iso (const ValiseIso *iso, ValiseCapabilities *capabilities)
{
  g_autoptr (ValiseAdvice) found = find_advice (iso);
  g_autoptr (ValiseAdvice) advice = found != NULL ? g_steal_pointer (&found) : guess (iso);
  ValiseProfile *self = profile_from_advice (advice, capabilities);

  self->label = g_strdup (iso->label);
  self->boots_bios = iso->boots_bios;
  self->boots_uefi = iso->boots_uefi;
  self->firmware = fit_firmware (self, advice->bios_only, capabilities);
  return self;
}

/* --- public --- */

void
valise_profile_free (ValiseProfile *self)
{
  if (self == NULL)
    return;
  g_free (self->os_id);
  g_free (self->name);
  g_free (self->label);
  g_free (self->kernel);
  g_free (self->initrd);
  g_clear_pointer (&self->image, valise_image_info_free);
  g_free (self);
}

ValiseProfile *
valise_profile_from_iso (const char *path, ValiseCapabilities *capabilities, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseIso) iso = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (path != NULL && capabilities != NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  iso = valise_iso_read (path, &local);
  if (iso == NULL)
    {
      gboolean other = g_error_matches (local, VALISE_ISO_ERROR, VALISE_ISO_ERROR_NOT_AN_ISO);

      g_set_error_literal (error, VALISE_PROFILE_ERROR,
                           other ? VALISE_PROFILE_ERROR_NOT_AN_ISO : VALISE_PROFILE_ERROR_UNREADABLE, local->message);
      return NULL;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return profile_from_iso (iso, capabilities);
}

ValiseProfile *
valise_profile_generic (ValiseCapabilities *capabilities)
{
  ValiseAdvice advice = { .name = (char *) _ ("Unknown system"), .virtio = TRUE };
  ValiseProfile *self;

  g_return_val_if_fail (capabilities != NULL, NULL);

  self = profile_from_advice (&advice, capabilities);
  self->label = g_strdup ("");
  self->boots_bios = TRUE;
  self->boots_uefi = TRUE;
  self->firmware = fit_firmware (self, FALSE, capabilities);
  return self;
}

ValiseProfile *
valise_profile_from_image (const char *path, ValiseCapabilities *capabilities, GError **error)
{
  ValiseImageInfo *image;
  ValiseProfile *self;

  g_return_val_if_fail (path != NULL && capabilities != NULL, NULL);

  image = valise_image_identify (path, error);
  if (image == NULL)
    return NULL;
  self = valise_profile_generic (capabilities);
  self->image = image;
  self->disk = image->virtual_size;
  self->firmware = VALISE_FIRMWARE_BIOS;
  return self;
}

const char *
valise_profile_get_image_file (const ValiseProfile *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->image == NULL)
    return NULL;
  return g_str_equal (self->image->format, "raw") ? "disks/root.raw" : "disks/root.qcow2";
}

ValiseProfile *
valise_profile_from_kernel (const char *path, ValiseCapabilities *capabilities, GError **error)
{
  g_autoptr (ValiseKernel) kernel = NULL;
  ValiseProfile *self;

  g_return_val_if_fail (path != NULL && capabilities != NULL, NULL);

  kernel = valise_kernel_read (path, error);
  if (kernel == NULL)
    return NULL;
  self = valise_profile_generic (capabilities);
  self->firmware = VALISE_FIRMWARE_BIOS;
  self->kernel = g_strdup (path);
  self->initrd = g_steal_pointer (&kernel->initrd);
  g_free (self->name);
  self->name = *kernel->version != '\0' ? g_strdup_printf ("Linux %s", kernel->version) : g_strdup ("Linux");
  return self;
}

/* --- in a thread --- */

typedef struct
{
  ValiseHas has;
  char *path;
  ValiseCapabilities *capabilities;
} Question;

static void
question_free (Question *self)
{
  g_free (self->path);
  valise_capabilities_unref (self->capabilities);
  g_free (self);
}

static ValiseProfile *
look (const Question *question, GCancellable *cancellable, GError **error)
{
  switch (question->has)
    {
    case VALISE_HAS_ISO:
      return valise_profile_from_iso (question->path, question->capabilities, cancellable, error);
    case VALISE_HAS_IMAGE:
      return valise_profile_from_image (question->path, question->capabilities, error);
    case VALISE_HAS_KERNEL:
      return valise_profile_from_kernel (question->path, question->capabilities, error);
    case VALISE_HAS_NOTHING:
    default:
      return valise_profile_generic (question->capabilities);
    }
}

static void
answer (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  ValiseProfile *profile = look (data, cancellable, &error);

  if (profile != NULL)
    g_task_return_pointer (task, profile, (GDestroyNotify) valise_profile_free);
  else
    g_task_return_error (task, error);
}

void
valise_profile_look_async (ValiseHas has,
                           const char *path,
                           ValiseCapabilities *capabilities,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Question *question;

  g_return_if_fail ((path != NULL || has == VALISE_HAS_NOTHING) && capabilities != NULL);

  question = g_new0 (Question, 1);
  question->has = has;
  question->path = g_strdup (path);
  question->capabilities = valise_capabilities_ref (capabilities);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, valise_profile_look_async);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);
  g_task_run_in_thread (task, answer);
}

ValiseProfile *
valise_profile_look_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
