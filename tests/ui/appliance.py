# SPDX-License-Identifier: GPL-3.0-or-later
"""Appliances as other programs write them: descriptors by hand, disks by qemu-img."""
import subprocess

VMDK = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
OVF = """<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
<References>{files}</References><DiskSection><Info>Disks</Info>{disks}</DiskSection>
<DeploymentOptionSection><Info>Sizes</Info><Configuration ovf:id="small" ovf:default="true"><Label>Small</Label></Configuration>
<Configuration ovf:id="large"><Label>Large</Label></Configuration></DeploymentOptionSection>
<VirtualSystemCollection ovf:id="all"><Info>All of it</Info>{machines}</VirtualSystemCollection></Envelope>
"""


def item(number, kind, configuration="", **more):
    facts = "".join(f"<rasd:{name}>{value}</rasd:{name}>" for name, value in sorted({"InstanceID": number, "ResourceType": kind, **more}.items()))
    return f"<Item{configuration}>{facts}</Item>"


def machine(name, os, controller, disks, network):
    drives = "".join(item(20 + place, 17, AddressOnParent=place, Parent=3, HostResource=f"ovf:/disk/{disk}")
                     for place, disk in enumerate(disks))
    return (f'<VirtualSystem ovf:id="{name}"><Info>One</Info><Name>{name}</Name><OperatingSystemSection ovf:id="1"><Info>os</Info>'
            f"<Description>{os}</Description></OperatingSystemSection><VirtualHardwareSection><Info>Parts</Info>"
            + item(1, 3, VirtualQuantity=1) + item(1, 3, ' ovf:configuration="large"', VirtualQuantity=2)
            + item(2, 4, AllocationUnits="byte * 2^20", VirtualQuantity=64) + item(3, 6, ResourceSubType=controller) + drives
            + item(40, 10, Connection=network, ResourceSubType="E1000", Address="00:16:3e:01:02:03")
            + "</VirtualHardwareSection></VirtualSystem>")


def make_disk(path, size="1M"):
    subprocess.run(["qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=streamOptimized", path, size], check=True)


def make(folder, machines, lacking=()):
    """An appliance in a folder of its own: (name, system, controller, number of disks, network) each. Returns its descriptor."""
    folder.mkdir(parents=True)
    files, disks, systems, count = "", "", "", 0
    for name, os, controller, n_disks, network in machines:
        names = []
        for _ in range(n_disks):
            count += 1
            names.append(f"d{count}")
            file = f"disk-{count}.vmdk"
            files += f'<File ovf:id="f{count}" ovf:href="{file}"/>'
            disks += f'<Disk ovf:diskId="d{count}" ovf:fileRef="f{count}" ovf:capacity="1048576" ovf:format="{VMDK}"/>'
            if count not in lacking:
                make_disk(folder / file)
        systems += machine(name, os, controller, names, network)
    path = folder / "appliance.ovf"
    path.write_text(OVF.format(files=files, disks=disks, machines=systems))
    return path
