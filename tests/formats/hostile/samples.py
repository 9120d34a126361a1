# SPDX-License-Identifier: GPL-3.0-or-later
"""What hostile files are made of: small makers of descriptions, archives and disk heads, all of our own writing."""
import gzip
import io
import lzma
import os
import plistlib
import socket
import struct
import tarfile
import zipfile

SECTOR = 512
MIB = 1024 * 1024


class Link:
    def __init__(self, target):
        self.target = target


class Twin:
    """A second name of a file outside."""
    def __init__(self, target):
        self.target = target


class Pipe:
    pass


class Socket:
    pass


class Device:
    pass


class Hole:
    """A file that is said to be long, and of which only the beginning is there."""
    def __init__(self, size, head=b""):
        self.size, self.head = size, head


def put(path, what):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if isinstance(what, Link):
        os.symlink(what.target, path)
    elif isinstance(what, Twin):
        os.link(what.target, path)
    elif isinstance(what, Pipe):
        os.mkfifo(path)
    elif isinstance(what, Socket):
        put_socket(path)
    elif isinstance(what, Device):
        put_device(path)
    elif isinstance(what, Hole):
        with open(path, "wb") as file:
            file.write(what.head)
            file.truncate(what.size)
    else:
        with open(path, "wb") as file:
            file.write(what.encode() if isinstance(what, str) else what)


def put_socket(path):
    """Its name may be longer than an address can be, so it is made from within."""
    here = os.getcwd()
    os.chdir(os.path.dirname(path))
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.basename(path))
    os.chdir(here)


def put_device(path):
    """Not everybody may make one; a pipe is refused for the same reason."""
    try:
        os.mknod(path, 0o20600, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(path)


# --- disks ---

def raw(size=64 * 1024):
    return (b"\0" * 510 + b"\x55\xaa").ljust(size, b"\0")


def qcow2(size=MIB, version=3, backing=None, backing_at=None, incompatible=0, crypt=0, extension=None, cluster_bits=16,
          l1_size=1, snapshots=0, l1_at=0x30000, length=None):
    name = backing.encode() if backing else b""
    at = backing_at if backing_at is not None else 400 if backing else 0
    head = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", version, at, length if length is not None else len(name),
                       cluster_bits, size, crypt, l1_size, l1_at, 0x10000, 1, snapshots, 0)
    if version == 3:
        head += struct.pack(">QQQII", incompatible, 0, 0, 4, 104)
        if extension is not None:
            head += struct.pack(">II", extension[0], len(extension[1])) + extension[1].ljust(8, b"\0")
    return head.ljust(400, b"\0") + name.ljust(0x40000 - 400, b"\0")


def qed(backing):
    name = backing.encode()
    head = struct.pack("<4sIIIQQQQQII", b"QED\0", 65536, 4, 1, 1, 0, 0, 65536, MIB, 72, len(name))
    return (head + name).ljust(128 * 1024, b"\0")


def vdi(kind=1, size=MIB, parent=b""):
    head = bytearray(1024)
    head[64:68] = b"\x7f\x10\xda\xbe"
    struct.pack_into("<III", head, 68, 0x10001, 400, kind)
    struct.pack_into("<II", head, 340, 512, 1024)
    struct.pack_into("<I", head, 360, 512)
    struct.pack_into("<QIIII", head, 368, size, MIB, 0, 1, 0)
    head[424:424 + len(parent)] = parent
    return bytes(head) + b"\xff\xff\xff\xff".ljust(512, b"\0")


def vhd(kind=3, size=MIB):
    footer = bytearray(512)
    footer[0:8] = b"conectix"
    struct.pack_into(">IIQ", footer, 8, 2, 0x10000, 512 if kind != 2 else 0xffffffffffffffff)
    struct.pack_into(">QQ", footer, 40, size, size)
    struct.pack_into(">I", footer, 60, kind)
    return bytes(footer) + b"\0" * 4096 + bytes(footer)


def vmdk(lines, cid="12345678", parent="ffffffff", hint=None):
    text = '# Disk DescriptorFile\nversion=1\nCID=%s\nparentCID=%s\ncreateType="monolithicFlat"\n' % (cid, parent)
    if hint:
        text += 'parentFileNameHint="%s"\n' % hint
    return text + "".join(line + "\n" for line in lines)


def sparse_vmdk(capacity=2048, grain=128, description="", size=64 * 1024):
    head = struct.pack("<4sIIQQQQIQQQ", b"KDMV", 1, 3, capacity, grain, 1 if description else 0,
                       2 if description else 0, 512, 21, 26, 128)
    body = head.ljust(512, b"\0") + description.encode().ljust(1024, b"\0")
    return body.ljust(size, b"\0")


def vhdx():
    return b"vhdxfile".ljust(512 * 1024, b"\0")


def parallels(sectors=2048):
    return struct.pack("<16sIIIIIQ", b"WithoutFreeSpace", 2, 16, 4, 63, 33, sectors).ljust(4096, b"\0")


# --- descriptions ---

OVF_HEAD = ('<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" '
            'xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">')


def item(number, kind, rest):
    return "<Item><rasd:InstanceID>%s</rasd:InstanceID><rasd:ResourceType>%s</rasd:ResourceType>%s</Item>" % (
        number, kind, rest)


def amount(number):
    return "<rasd:VirtualQuantity>%s</rasd:VirtualQuantity>" % number


def ovf(href="disk.img", capacity="65536", cpus="1", memory="256", name="Box", before="", disk="", system="",
        file="", items=""):
    return ('<?xml version="1.0"?>' + before + OVF_HEAD
            + '<References><File ovf:id="f" ovf:href="%s" %s/></References>' % (href, file)
            + '<DiskSection><Info/><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="%s" %s/></DiskSection>' % (
                capacity, disk)
            + '<VirtualSystem ovf:id="v"><Info/><Name>%s</Name>%s<VirtualHardwareSection><Info/>' % (name, system)
            + item(1, 3, amount(cpus)) + item(2, 4, amount(memory)) + item(3, 20, "<rasd:Address>0</rasd:Address>")
            + item(4, 17, "<rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/d"
                          "</rasd:HostResource><rasd:Parent>3</rasd:Parent>") + items
            + "</VirtualHardwareSection></VirtualSystem></Envelope>")


def vmx(disk="disk.vmdk", *more):
    lines = ['config.version = "8"', 'displayName = "Box"', 'memsize = "256"', 'ide0:0.present = "TRUE"',
             'ide0:0.fileName = "%s"' % disk]
    return "\n".join(lines + list(more)) + "\n"


def vbox(location="disk.vdi", kind="VDI", hardware="", machine="", head=""):
    return ('<?xml version="1.0"?>%s<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">'
            '<Machine uuid="{1}" name="Box" OSType="Linux_64" %s><MediaRegistry><HardDisks><HardDisk uuid="{2}" '
            'location="%s" format="%s" type="Normal"/></HardDisks></MediaRegistry><Hardware><CPU count="1"/>'
            '<Memory RAMSize="256"/>%s<StorageControllers><StorageController name="s" type="AHCI" PortCount="1">'
            '<AttachedDevice type="HardDisk" port="0" device="0"><Image uuid="{2}"/></AttachedDevice>'
            '</StorageController></StorageControllers></Hardware></Machine></VirtualBox>' % (
                head, machine, location, kind, hardware))


def utm(image="disk.qcow2", form=plistlib.FMT_XML, drive=(), **more):
    settings = {
        "Backend": "QEMU", "ConfigurationVersion": 4,
        "Information": {"Name": "Box", "UUID": "00000000-0000-4000-8000-000000000001", "Icon": "linux",
                        "IconCustom": False},
        "System": {"Architecture": "x86_64", "Target": "q35", "CPU": "default", "CPUCount": 1, "MemorySize": 256,
                   "CPUFlagsAdd": [], "CPUFlagsRemove": [], "ForceMulticore": False, "JITCacheSize": 0},
        "QEMU": {"AdditionalArguments": [], "UEFIBoot": False},
        "Drive": [dict({"Identifier": "1", "ImageName": image, "ImageType": "Disk", "Interface": "VirtIO",
                        "InterfaceVersion": 1}, **dict(drive))],
        "Network": [], "Serial": [], "Sound": [], "Display": [],
    }
    for key, value in more.items():
        settings[key] = dict(settings.get(key, {}), **value) if isinstance(value, dict) else value
    return plistlib.dumps(settings, fmt=form)


def old_utm(**more):
    settings = {"ConfigurationVersion": 2, "Info": {"Name": "Box"},
                "System": {"Architecture": "x86_64", "Target": "q35", "Memory": 256, "CPUCount": 1},
                "Drives": [{"DriveName": "d", "ImagePath": "disk.qcow2", "InterfaceType": "ide", "ImageType": "disk"}]}
    for key, value in more.items():
        settings[key] = dict(settings.get(key, {}), **value) if isinstance(value, dict) else value
    return plistlib.dumps(settings)


def pvs(disk="disk.hdd", name="Box", more="", head=""):
    return ('<?xml version="1.0" encoding="UTF-8"?>%s<ParallelsVirtualMachine schemaVersion="1.0"><Identification>'
            '<VmName>%s</VmName></Identification><Settings><General><OsType>9</OsType></General></Settings><Hardware>'
            '<Cpu><Number>1</Number></Cpu><Memory><RAM>256</RAM></Memory><Hdd id="0"><Enabled>1</Enabled><Connected>1'
            '</Connected><EmulatedType>1</EmulatedType><SystemName>%s</SystemName><InterfaceType>2</InterfaceType>'
            '</Hdd>%s</Hardware></ParallelsVirtualMachine>' % (head, name, disk, more))


def hdd(file="disk.hds", kind="Compressed", more="", head=""):
    return ('<?xml version="1.0"?>%s<Parallels_disk_image Version="1.0"><Disk_Parameters><Disk_size>2048</Disk_size>'
            '</Disk_Parameters><StorageData>%s<Storage><Start>0</Start><End>2048</End><Image><GUID>{1}</GUID><Type>%s'
            '</Type><File>%s</File></Image></Storage></StorageData></Parallels_disk_image>' % (head, more, kind, file))


def domain(source="file='disk.img'", kind="file", devices="", head="", top="", name="box", memory="262144", cpus="1"):
    return ("%s<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>%s</name><memory>%s"
            "</memory><vcpu>%s</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>%s<devices><disk type='%s' "
            "device='disk'><driver name='qemu' type='raw'/><source %s/><target dev='vda' bus='virtio'/></disk>%s"
            "</devices></domain>" % (head, name, memory, cpus, top, kind, source, devices))


def tart(system="linux", **more):
    settings = {"version": 1, "os": system, "arch": "amd64", "cpuCount": 1, "memorySize": 268435456}
    settings.update(more)
    return "{" + ",".join('"%s":%s' % (key, value if isinstance(value, (int, float)) else '"%s"' % value)
                          for key, value in settings.items()) + "}"


# --- archives ---

def member(name, data=b"", kind=tarfile.REGTYPE, target="", size=None, pax=None):
    one = tarfile.TarInfo(name)
    one.type, one.linkname, one.mode = kind, target, 0o6777
    data = data.encode() if isinstance(data, str) else data
    one.size = len(data) if size is None else size
    if pax:
        one.pax_headers = pax
    return one, data


def tar(*members, form=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for one, data in members:
            header = one.tobuf(form)
            out.write(header)
            archive.offset += len(header)
            padded = data.ljust((len(data) + SECTOR - 1) // SECTOR * SECTOR, b"\0")
            out.write(padded)
            archive.offset += len(padded)
    return out.getvalue()


def patched_tar(data, at, field):
    """The first header with a field of another value, and the sum that fits."""
    header = bytearray(data[:SECTOR])
    header[at:at + len(field)] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data[SECTOR:]


def zipped(*members, mode=zipfile.ZIP_DEFLATED, attributes=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", mode) as archive:
        for name, data in members:
            one = zipfile.ZipInfo(name)
            one.compress_type = mode
            if attributes:
                one.external_attr = attributes << 16
            archive.writestr(one, data)
    return out.getvalue()


def replaced(data, old, new, count=-1):
    assert len(old) == len(new) and old in data
    return data.replace(old, new, count)


def gz(data):
    return gzip.compress(data, 9, mtime=0)


def xz(data):
    return lzma.compress(data)


def bomb(times, size):
    """Zeros that unpack to much more: gzip members, one after the other."""
    return gz(b"\0" * size) * times
