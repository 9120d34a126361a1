# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives: names that lead out, links, sizes that lie, bombs, two members of one name."""
import tarfile

from samples import *


def ova(*members, disk="disk.img"):
    return tar(member("box.ovf", ovf(disk)), *members)


def digests(name, value):
    return "SHA256(%s)= %s\n" % (name, value)


def rows(secret):
    good = member("disk.img", raw())
    up = "../../canary/secret"
    deflated = zipped(("box.ovf", ovf()), ("disk.img", raw()))
    many = [member("f%u" % n, b"") for n in range(21000)]
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "disk.img",
              "GNU.sparse.realsize": str(1 << 62)}
    return [
        ("tar-up", ova(member(up, "x"), disk=up), "box.ova"),
        ("tar-absolute", ova(member(secret, "x"), disk=secret), "box.ova"),
        ("tar-up-in-the-middle", ova(member("a/../../../x", "x"), disk="a/../../../x"), "box.ova"),
        ("tar-backslashes", ova(member("..\\..\\x", "x"), disk="..\\..\\x"), "box.ova"),
        ("tar-symlink", ova(member("disk.img", kind=tarfile.SYMTYPE, target=secret)), "box.ova"),
        ("tar-symlink-then-file", ova(member("d", kind=tarfile.SYMTYPE, target="../../canary"),
                                          member("d/disk.img", raw()), disk="d/disk.img"), "box.ova"),
        ("tar-hard-link", ova(member("disk.img", kind=tarfile.LNKTYPE, target=secret)), "box.ova"),
        ("tar-hard-link-then-file", ova(member("disk.img", kind=tarfile.LNKTYPE, target=up), good), "box.ova"),
        ("tar-pipe", ova(member("disk.img", kind=tarfile.FIFOTYPE)), "box.ova"),
        ("tar-device", ova(member("disk.img", kind=tarfile.CHRTYPE)), "box.ova"),
        ("tar-directory-for-disk", ova(member("disk.img", kind=tarfile.DIRTYPE)), "box.ova"),
        ("tar-name-twice", ova(good, member("disk.img", qcow2(backing=secret))), "box.ova"),
        ("tar-description-twice", tar(member("box.ovf", ovf()), good, member("box.ovf", ovf(secret))), "box.ova"),
        ("tar-two-descriptions", tar(member("a.ovf", ovf()), good, member("b.ovf", ovf(secret))), "box.ova"),
        ("tar-pax-path", ova(member("disk.img", raw(), pax={"path": "../../canary/x"})), "box.ova"),
        ("tar-pax-linkpath", ova(member("disk.img", raw(), kind=tarfile.SYMTYPE, target="box.ovf",
                                            pax={"linkpath": secret})), "box.ova"),
        ("tar-pax-size", ova(member("disk.img", raw(), pax={"size": str(1 << 60)})), "box.ova"),
        ("tar-pax-size-negative", ova(member("disk.img", raw(), pax={"size": "-512"})), "box.ova"),
        ("tar-gnu-sparse", ova(member("GNUSparseFile.1/disk.img", b"1\n0\n0\n".ljust(512, b"\0"), pax=sparse)),
         "box.ova"),
        ("tar-size-base-256", patched_tar(tar(good, member("box.ovf", ovf())), 124,
                                              b"\x80\0\0\0\x10\0\0\0\0\0\0\0"), "box.ova"),
        ("tar-size-negative", patched_tar(tar(good, member("box.ovf", ovf())), 124, b"\xff" * 12), "box.ova"),
        ("tar-size-of-letters", patched_tar(tar(good, member("box.ovf", ovf())), 124, b"whatever!!!\0"),
         "box.ova"),
        ("tar-wrong-sum", replaced(ova(good), b"ustar", b"ustaX", 1)[:257] + ova(good)[257:262] + b"ZZ"
         + ova(good)[264:], "box.ova"),
        ("tar-cut-in-disk", ova(good)[:40000], "box.ova"),
        ("tar-cut-in-description", ova(good)[:1000], "box.ova"),
        ("tar-cut-in-head", ova(good)[:600], "box.ova"),
        ("tar-of-one-head", ova(good)[:512], "box.ova"),
        ("tar-21000-members", tar(member("box.ovf", ovf()), *many, form=tarfile.USTAR_FORMAT), "box.ova"),
        ("tar-names-that-collide", ova(member("DISK.IMG", raw()), member("Disk.img", qcow2(backing=secret))),
         "box.ova"),
        ("tar-name-of-no-text", ova(member("d\udcff\udcfe.img", raw())), "box.ova"),
        ("tar-name-control-characters", ova(member("a\x1b[2J\u202e.ovf", ovf("\u202e")), good), "box.ova"),
        ("tar-name-very-long", ova(member("d" * 60000 + ".img", raw())), "box.ova"),
        ("tar-manifest-wrong", ova(good, member("box.mf", digests("box.ovf", "0" * 64))), "box.ova"),
        ("tar-manifest-outside", ova(good, member("box.mf", digests(up, "0" * 64))), "box.ova"),
        ("tar-manifest-odd", ova(good, member("box.mf", "MD4(box.ovf)= 12\n" + "=" * 5000)), "box.ova"),
        ("tar-manifest-of-8-mib", ova(good, member("box.mf", b"\n" * (8 * MIB))), "box.ova"),
        ("tar-description-of-8-mib", tar(member("box.ovf", ovf(name="x" * (8 * MIB))), good), "box.ova"),
        ("tar-in-gzip-bomb", bomb(96, 16 * MIB), "box.box"),
        ("box-in-gzip-bomb", gz(ova(good)) + bomb(96, 16 * MIB), "box.box"),
        ("box-in-gzip-cut", gz(ova(good))[:-200], "box.box"),
        ("box-in-xz-of-noise", xz(ova(good))[:-300], "box.box"),
        ("zip-up", zipped((up, "x"), ("box.ovf", ovf(up))), "box.zip"),
        ("zip-absolute", zipped((secret, "x"), ("box.ovf", ovf(secret))), "box.zip"),
        ("zip-backslashes", zipped(("..\\x", "x"), ("box.ovf", ovf("..\\x"))), "box.zip"),
        ("zip-symlink", zipped(("Box.utm/config.plist", secret), attributes=0o120777), "box.zip"),
        ("zip-name-twice", replaced(zipped(("disk.img", raw()), ("diskXimg", qcow2(backing=secret)),
                                               ("box.ovf", ovf())), b"diskXimg", b"disk.img"), "box.zip"),
        ("zip-encrypted", replaced(deflated, b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"), "box.zip"),
        ("zip-method-unknown", replaced(deflated, b"PK\1\2\x14\3\x14\0\0\0\x08", b"PK\1\2\x14\3\x14\0\0\0\x63"),
         "box.zip"),
        ("zip-bomb", zipped(("box.ovf", ovf("x" * (16 * MIB)))), "box.zip"),
        ("zip-bomb-of-a-disk", zipped(("Box.utm/config.plist", utm()), ("Box.utm/Data/disk.qcow2",
                                                                          bytes(64 * MIB))), "box.zip"),
        ("zip-cut", deflated[:-40], "box.zip"),
        ("zip-without-a-directory", deflated[:300], "box.zip"),
        ("zip-offset-outside", deflated[:-6] + b"\xff\xff\xff\x7f\0\0", "box.zip"),
        ("zip-count-lies", deflated[:-14] + b"\xff\xff\xff\xff" + deflated[-10:], "box.zip"),
        ("zip-utm-backing", zipped(("Box.utm/config.plist", utm()), ("Box.utm/Data/disk.qcow2",
                                                                       qcow2(backing=secret)), mode=0), "box.zip"),
        ("zip-utm-up", zipped(("Box.utm/config.plist", utm("../../../canary/secret"))), "box.zip"),
    ]
