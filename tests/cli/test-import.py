#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""valisectl import of an appliance that is made here with the real tools: two machines, disks as VMware writes them, digests."""
import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile

from ground import case, main

RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
VMDK = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"

DOMAIN = """<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>Asking</name><memory>65536</memory>
<os><type arch='x86_64'>hvm</type></os><cputune><vcpupin vcpu='0' cpuset='0'/></cputune><devices>
<serial type='file'><source path='{said}'/><target port='0'/></serial><shmem name='here'><model type='ivshmem-plain'/><size unit='M'>1</size></shmem>
<hostdev mode='subsystem' type='pci'><source><address domain='0xfffe' bus='0xff' slot='0x1f' function='0x7'/></source></hostdev></devices>
<qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>
"""


def item(number, kind, **more):
    facts = {"InstanceID": number, "ResourceType": kind, **more}
    return "<Item>" + "".join(f"<rasd:{name}>{value}</rasd:{name}>" for name, value in sorted(facts.items())) + "</Item>"


def system(name, cpus, disk, configuration=""):
    return (f'<VirtualSystem ovf:id="{name}"><Name>{name}</Name><VirtualHardwareSection>' + item(1, 3, VirtualQuantity=cpus)
            + item(2, 4, AllocationUnits="byte * 2^20", VirtualQuantity=64) + item(3, 6, ResourceSubType="lsilogic")
            + item(4, 17, AddressOnParent=0, Parent=3, HostResource=f"ovf:/disk/{disk}")
            + item(5, 10, Connection="bridged", ResourceSubType="E1000", Address="00:16:3e:01:02:03")
            + configuration + "</VirtualHardwareSection></VirtualSystem>")


def descriptor():
    many = item(1, 3, VirtualQuantity=2).replace("<Item>", '<Item ovf:configuration="many">')
    return (f'<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="{RASD}">'
            '<References><File ovf:id="f" ovf:href="disk.vmdk"/></References>'
            f'<DiskSection><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="8388608" ovf:format="{VMDK}"/>'
            '<Disk ovf:diskId="new" ovf:capacity="3" ovf:capacityAllocationUnits="byte * 2^20"/></DiskSection>'
            '<DeploymentOptionSection><Configuration ovf:id="few"/><Configuration ovf:id="many"/></DeploymentOptionSection>'
            '<VirtualSystemCollection ovf:id="all">' + system("First", 1, "d", many) + system("Second", 1, "new")
            + "</VirtualSystemCollection></Envelope>").encode()


def make_disk(work):
    """What a guest wrote, and the same as a stream-optimised VMDK in whose description the lines end with spaces."""
    raw, disk = work / "disk.raw", work / "disk.vmdk"
    with raw.open("wb") as file:
        file.truncate(8 << 20)
        file.seek(1 << 20)
        file.write(bytes(range(256)) * 4096)
    subprocess.run(["qemu-img", "convert", "-q", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, disk], check=True)
    bytes_ = disk.read_bytes()
    assert b"parentCID=ffffffff\n" in bytes_
    start = bytes_.index(b"# Disk DescriptorFile")
    end = bytes_.index(b"\0", start)
    text = bytes_[start:end].replace(b"parentCID=ffffffff\n", b"parentCID=ffffffff \n")
    disk.write_bytes(bytes_[:start] + text + bytes_[start + len(text):])
    return raw, disk


def pack(ground, name, members):
    path = ground.work / name
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for member, data in members.items():
            file = ground.work / member
            file.write_bytes(data)
            tar.add(file, member)
    return path


def entries(ground):
    return sorted(p.name for p in ground.library.iterdir()) if ground.library.is_dir() else []


def tell(ground, code, *arguments):
    """What it prints, although it ends with @code."""
    with ground.start(*arguments) as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == code, (arguments, process.returncode, err)
    return out


@case("import")
def an_appliance(ground):
    raw, disk = make_disk(ground.work)
    digest = f"SHA256(disk.vmdk)= {hashlib.sha256(disk.read_bytes()).hexdigest()}\n".encode()
    whole = {"box.ovf": descriptor(), "box.mf": digest, "disk.vmdk": disk.read_bytes()}
    path = pack(ground, "box.ova", whole)

    first, second = ground.json("import", path, "--dry-run")
    assert (first["name"], first["vcpus"], first["memory_mib"], first["outcome"]) == ("First", 1, 64, "import"), first
    assert first["disks"][0]["capacity_bytes"] == 8 << 20 and first["disks"][0]["digest"].startswith("sha256:"), first
    assert first["nics"] == [{"model": "E1000", "network": "bridged", "mac": "00:16:3e:01:02:03", "connected": True, "boot_order": None}], first
    assert first["plan"]["drives"][0]["image"] == "disks/root" and first["plan"]["nics"][0]["mac"] == "00:16:3e:01:02:03", first["plan"]
    assert second["disks"][0]["file"] is None and second["disks"][0]["capacity_bytes"] == 3 << 20, second
    assert ground.json("import", path, "--dry-run", "--configuration", "many", "--machine", "1")[0]["vcpus"] == 2
    assert "First (ova): can be brought in" in ground.run("import", path, "--dry-run")
    assert "few, many" in ground.run("import", path, "--dry-run", "--configuration", "most", code=2)
    assert entries(ground) == [], "a dry run writes nothing"

    made = pathlib.Path(ground.run("import", path, "--machine", "1", "--name", "Brought"))
    image = next((made / "disks").iterdir())
    subprocess.run(["qemu-img", "compare", "-q", "-f", "raw", "-F", image.suffix[1:], raw, image], check=True)
    assert ground.json("show", made)["name"] == "Brought"


@case("import")
def what_is_not_right(ground):
    _, disk = make_disk(ground.work)
    wrong = b"SHA1(disk.vmdk)= " + b"0" * 40 + b"\n"
    changed = pack(ground, "changed.ova", {"box.ovf": descriptor(), "box.mf": wrong, "disk.vmdk": disk.read_bytes()})
    lacking = pack(ground, "lacking.ova", {"box.ovf": descriptor()})
    delta = descriptor().replace(b'ovf:fileRef="f"', b'ovf:fileRef="f" ovf:parentRef="older"')
    refused = pack(ground, "delta.ova", {"box.ovf": delta, "disk.vmdk": disk.read_bytes()})
    unknown = ground.work / "unknown.ova"
    unknown.write_bytes(b"\x89PNG\r\n")

    assert "disk.vmdk" in ground.run("import", changed, "--machine", "1", code=4)
    for path, code, finding in (lacking, 3, "disk-missing"), (refused, 4, "disk-delta"):
        told = tell(ground, code, "--json", "import", path, "--dry-run", "--machine", "1")
        assert finding in [f["code"] for f in json.loads(told)[0]["findings"]], told
        ground.run("import", path, "--machine", "1", code=code)
    assert "unknown.ova" in ground.run("import", unknown, "--dry-run", code=4)
    ground.run("import", ground.work / "nowhere.ova", "--dry-run", code=5)
    assert entries(ground) == [], "nothing is left of what could not be brought in"


VBOX = """<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.16-linux">
  <Machine uuid="{{a1f0b6b0-0000-4000-8000-000000000001}}" name="Asking" OSType="Debian10_64">
    <Hardware>
      <CPU count="1"/><Memory RAMSize="64"/>
      <Network><Adapter slot="0" enabled="true" MACAddress="080027112233" type="82540EM"><NAT/></Adapter></Network>
      <SharedFolders>
        <SharedFolder name="here" hostPath="{folder}" writable="false"/>
        <SharedFolder name="gone" hostPath="/nowhere/at/all" writable="true"/>
      </SharedFolders>
      <USB><DeviceFilters><DeviceFilter name="stick" active="true" vendorId="0951" productId="1666"/></DeviceFilters></USB>
    </Hardware>
  </Machine>
</VirtualBox>
"""


@case("import")
def what_is_decided(ground):
    path = pack(ground, "lacking.ova", {"box.ovf": descriptor()})
    first, second = json.loads(tell(ground, 3, "--json", "import", path, "--dry-run"))
    assert [f["code"] for f in first["findings"]].count("disk-missing") == 1, first["findings"]
    assert first["decisions"][0]["answers"] == ["leave-out", "empty"] and second["decisions"] == [], (first, second)
    assert "--decide disk-missing=leave-out|empty" in tell(ground, 3, "import", path, "--dry-run")
    assert "disk-missing=burn" in ground.run("import", path, "--decide", "disk-missing=burn", code=2)
    ground.run("import", path, code=3)
    assert entries(ground) == [], "one that waits keeps all of them out"
    ground.run("import", path, "--name", "Both", "--decide", "disk-missing=empty", code=2)
    made = ground.run("import", path, "--decide", "disk-missing=empty", "--name", "1=Empty", "--mac", "new", "--disk-bus", "sata")
    assert len(made.splitlines()) == 2, made
    one = pathlib.Path(made.splitlines()[0])
    config = (one / "config.xml").read_text()
    assert one.name == "Empty.vmbundle" and "bus='sata'" in config and "00:16:3e" not in config, config
    info = json.loads(subprocess.run(["qemu-img", "info", "--output=json", one / "disks/root.qcow2"], check=True, capture_output=True).stdout)
    assert info["virtual-size"] == 8 << 20, info
    without = pathlib.Path(ground.run("import", path, "--machine", "1", "--decide", "disk-missing=leave-out", "--name", "Without"))
    assert "<disk" not in (without / "config.xml").read_text()


@case("import")
def what_is_granted(ground):
    shared = ground.work / "shared"
    shared.mkdir()
    path = ground.work / "asking.vbox"
    path.write_text(VBOX.format(folder=shared))
    machine = ground.json("import", path, "--dry-run")[0]
    assert [g["possible"] for g in machine["grants"]] == [True, True, True] and not any(g["granted"] for g in machine["grants"]), machine["grants"]

    plain = pathlib.Path(ground.run("import", path, "--name", "Plain"))
    config = (plain / "config.xml").read_text()
    assert "<filesystem" not in config and "<hostdev" not in config and "os='http://debian.org/debian/10'" in config, config
    assert "chosen" in ground.run("import", path, "--grant", "2", code=3)
    ground.run("import", path, "--grant", "4", code=2)
    ground.run("import", path, "--grant", "2=/nowhere", code=2)
    granted = pathlib.Path(ground.run("import", path, "--name", "Granted", "--grant", "1", "--grant", f"2={ground.library}", "--grant", "3"))
    config = (granted / "config.xml").read_text()
    assert f"<source dir='{shared}'/>" in config and "<readonly/>" in config and f"<source dir='{ground.library}'/>" in config, config
    assert "<vendor id='0x0951'/>" in config and "/nowhere" not in config, config
    assert all(ask["granted"] for ask in ground.json("asks", granted)["asks"]), "what was said once is not asked again"


@case("import")
def what_is_granted_as_it_is_asked_for(ground):
    """Item by item: an argument of QEMU, a file for a port, a device and a setting; a card that is not here cannot be had."""
    path, said = ground.work / "asking.xml", ground.work / "said & done"
    path.write_text(DOMAIN.format(said=str(said).replace("&", "&amp;")))
    machine = ground.json("import", path, "--dry-run")[0]
    assert len(machine["asks"]) == 5, machine["asks"]
    assert [g["possible"] for g in machine["grants"]] == [True, True, True, True, False] and str(said) in machine["asks"][2], machine
    assert "no card at fffe:ff:1f.7" in machine["grants"][4]["reason"], machine["grants"]
    ground.run("import", path, "--grant", "5", code=2)
    config = (pathlib.Path(ground.run("import", path, "--name", "None")) / "config.xml").read_text()
    assert "qemu:arg" not in config and "said" not in config and "shmem" not in config and "cputune" not in config, config
    some = pathlib.Path(ground.run("import", path, "--name", "Some", "--grant", "2", "--grant", "3"))
    config = (some / "config.xml").read_text()
    assert "<qemu:arg value='-S'/>" in config.replace('"', "'") and "done" in config and "shmem" not in config and "cputune" not in config, config
    every = pathlib.Path(ground.run("import", path, "--name", "All", *(word for n in "1234" for word in ("--grant", n))))
    asks = ground.json("asks", every)
    assert len(asks["asks"]) >= 3 and asks["settled"] and all(ask["granted"] for ask in asks["asks"]), asks


if __name__ == "__main__":
    sys.exit(main())
