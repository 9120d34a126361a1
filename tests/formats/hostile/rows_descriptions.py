# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions that name what is outside, ask for something of this computer, or try the one who reads them."""
import plistlib

from samples import *


def laughs(root):
    lines = ['<!ENTITY a0 "ha">'] + ['<!ENTITY a%u "%s">' % (n, "&a%u;" % (n - 1) * 10) for n in range(1, 12)]
    return "<!DOCTYPE %s [%s]>" % (root, "".join(lines))


def outside(root, secret):
    return '<!DOCTYPE %s [<!ENTITY x SYSTEM "file://%s">]>' % (root, secret)


def deep(times):
    return "<a>" * times + "</a>" * times


def binary_list(kind, count, rest=b""):
    """A binary property list whose root says that it has @count entries."""
    root = bytes([kind << 4 | 0xf, 0x13]) + count.to_bytes(8, "big") + rest
    body = b"bplist00" + root
    return body + b"\x08" + struct.pack(">6xBBQQQ", 1, 1, 1, 0, len(body))


CIRCLE = b"bplist00\xa1\x00\x08" + struct.pack(">6xBBQQQ", 1, 1, 1, 0, 10)


def rows(secret):
    up = "../../canary/secret"
    disk = {"disk.img": raw()}

    def of_ovf(text):
        return dict({"box.ovf": text}, **disk)

    def of_vmx(*more, disk="disk.vmdk"):
        return {"box.vmx": vmx(disk, *more), "disk.vmdk": vmdk(['RW 8 FLAT "f.img" 0']), "f.img": raw(4096)}

    def of_vbox(*positional, **more):
        return {"box.vbox": vbox(*positional, **more), "disk.vdi": vdi()}

    def of_utm(*positional, **more):
        return {"Box.utm/config.plist": utm(*positional, **more), "Box.utm/Data/disk.qcow2": qcow2()}

    def of_plist(data):
        return {"Box.utm/config.plist": data}

    def of_pvs(*positional, **more):
        return {"Box.pvm/config.pvs": pvs(*positional, **more), "Box.pvm/disk.hdd/DiskDescriptor.xml": hdd(),
                "Box.pvm/disk.hdd/disk.hds": parallels()}

    def of_hdd(*positional, **more):
        return {"Box.pvm/config.pvs": pvs(), "Box.pvm/disk.hdd/DiskDescriptor.xml": hdd(*positional, **more),
                "Box.pvm/disk.hdd/disk.hds": parallels()}

    def of_domain(*positional, **more):
        return dict({"box.xml": domain(*positional, **more)}, **disk)

    def of_box(metadata, **more):
        return dict({"metadata.json": metadata, "box.img": qcow2()}, **more)

    def of_tart(**more):
        return {"config.json": tart(**more), "disk.img": raw(), "nvram.bin": b"x" * 64}

    def of_conf(*lines):
        return {"box.conf": "\n".join(('guest_os="linux"', 'disk_img="disk.qcow2"') + lines) + "\n",
                "disk.qcow2": qcow2()}

    def of_script(rest, name="xhyve"):
        return dict({"box.sh": "#!/bin/sh\n%s -m 256M -c 1 -s 4,virtio-blk,disk.img %s\n" % (name, rest),
                     "vmlinuz": "k", "initrd.gz": "i"}, **disk)

    ovf_rows = [
        ("href-up", of_ovf(ovf(up))),
        ("href-absolute", of_ovf(ovf(secret))),
        ("href-encoded", of_ovf(ovf("%2e%2e%2f%2e%2e%2fcanary%2fsecret"))),
        ("href-encoded-twice", of_ovf(ovf("%252e%252e%252fcanary"))),
        ("href-file", of_ovf(ovf("file://" + secret))),
        ("href-http", of_ovf(ovf("http://127.0.0.1:9/disk.img"))),
        ("href-nbd", of_ovf(ovf("nbd://127.0.0.1:9/x"))),
        ("href-json", of_ovf(ovf("json:{&quot;driver&quot;:&quot;nbd&quot;}"))),
        ("href-dash", dict(of_ovf(ovf("-f")), **{"-f": raw()})),
        ("href-nul", of_ovf(ovf("disk.img%00.txt"))),
        ("href-itself", of_ovf(ovf("box.ovf"))),
        ("href-folder", of_ovf(ovf("."))),
        ("href-missing", of_ovf(ovf("gone.img"))),
        ("href-link", {"box.ovf": ovf("l.img"), "l.img": Link(secret)}),
        ("href-through-link", {"box.ovf": ovf("l/secret"), "l": Link("../../canary")}),
        ("href-pipe", {"box.ovf": ovf("p.img"), "p.img": Pipe()}),
        ("disk-with-backing", {"box.ovf": ovf(), "disk.img": qcow2(backing=secret)}),
        ("capacity-negative", of_ovf(ovf(capacity="-1"))),
        ("capacity-overflows", of_ovf(ovf(capacity="9223372036854775807", disk='ovf:capacityAllocationUnits="byte * 2^60"'))),
        ("capacity-of-letters", of_ovf(ovf(capacity="a lot"))),
        ("memory-overflows", of_ovf(ovf(memory="9223372036854775808"))),
        ("memory-negative", of_ovf(ovf(memory="-1"))),
        ("cpus-4294967297", of_ovf(ovf(cpus="4294967297"))),
        ("cpus-none", of_ovf(ovf(cpus="0"))),
        ("size-lies", of_ovf(ovf(file='ovf:size="99999999999"'))),
        ("chunks-of-nothing", of_ovf(ovf(file='ovf:size="10" ovf:chunkSize="0"'))),
        ("chunks-very-many", of_ovf(ovf(file='ovf:size="18446744073709551615" ovf:chunkSize="1"'))),
        ("compression-unknown", of_ovf(ovf(file='ovf:compression="zpaq"'))),
        ("delta-disk", of_ovf(ovf(disk='ovf:parentRef="d"'))),
        ("external-entity", of_ovf(ovf(before=outside("Envelope", secret), name="&x;"))),
        ("laughs", of_ovf(ovf(before=laughs("Envelope"), name="&a11;"))),
        ("parameter-entity", of_ovf(ovf(before='<!DOCTYPE Envelope [<!ENTITY %% p SYSTEM "file://%s">%%p;]>' % secret))),
        ("external-dtd", of_ovf(ovf(before='<!DOCTYPE Envelope SYSTEM "http://127.0.0.1:9/x.dtd">'))),
        ("include", of_ovf(ovf(system='<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file://%s" '
                                      'parse="text"/>' % secret))),
        ("deep", of_ovf(ovf(system=deep(5000)))),
        ("utf-16-hides", of_ovf(ovf(before=outside("Envelope", secret), name="&x;").encode("utf-16"))),
        ("encoding-unknown", of_ovf(ovf().replace('"1.0"', '"1.0" encoding="EBCDIC-CP-US"', 1).encode())),
        ("encoding-lies", of_ovf(ovf(name="B\xe4r").replace('"1.0"', '"1.0" encoding="utf-8"', 1).encode("latin-1"))),
        ("nul", of_ovf(ovf(name="a\0b"))),
        ("cut", of_ovf(ovf()[:700])),
        ("empty", of_ovf("")),
        ("name-is-a-path", of_ovf(ovf(name="../../canary/x"))),
        ("name-of-100-kb", of_ovf(ovf(name="n" * 100000))),
        ("name-is-markup", of_ovf(ovf(name="&lt;b onclick=x&gt;&lt;/b&gt;"))),
        ("name-bidi", of_ovf(ovf(name="a\u202egpj.exe\u2066"))),
        ("3000-disks", of_ovf(ovf(items="".join(item(100 + n, 17, "<rasd:HostResource>ovf:/disk/d"
                                                     "</rasd:HostResource><rasd:Parent>3</rasd:Parent>")
                                                for n in range(3000))))),
        ("parents-in-a-circle", of_ovf(ovf(items=item(50, 6, "<rasd:Parent>51</rasd:Parent>")
                                           + item(51, 6, "<rasd:Parent>50</rasd:Parent>")
                                           + item(52, 17, "<rasd:HostResource>ovf:/disk/d</rasd:HostResource>"
                                                          "<rasd:Parent>50</rasd:Parent>")))),
    ]
    vmx_rows = [
        ("disk-absolute", of_vmx(disk=secret)),
        ("disk-up", of_vmx(disk=up)),
        ("disk-device", of_vmx('ide0:0.deviceType = "rawDisk"', disk="/dev/zero")),
        ("disk-drive-letter", of_vmx(disk="C:\\\\x\\\\secret.vmdk")),
        ("cdrom-device", of_vmx('ide1:0.present = "TRUE"', 'ide1:0.fileName = "/dev/sr0"',
                                'ide1:0.deviceType = "atapi-cdrom"')),
        ("serial-to-file", of_vmx('serial0.present = "TRUE"', 'serial0.fileType = "file"',
                                  'serial0.fileName = "%s"' % secret)),
        ("serial-to-network", of_vmx('serial0.present = "TRUE"', 'serial0.fileType = "network"',
                                     'serial0.fileName = "telnet://:2323"', 'serial0.network.endPoint = "server"')),
        ("shared-folder", of_vmx('sharedFolder0.present = "TRUE"', 'sharedFolder0.enabled = "TRUE"',
                                 'sharedFolder0.hostPath = "%s"' % secret)),
        ("vnc", of_vmx('RemoteDisplay.vnc.enabled = "TRUE"', 'RemoteDisplay.vnc.port = "5900"')),
        ("debug-stub", of_vmx('debugStub.listen.guest64 = "TRUE"', 'debugStub.listen.guest64.remote = "TRUE"')),
        ("pci-device", of_vmx('pciPassthru0.present = "TRUE"', 'pciPassthru0.id = "00:1f.2"')),
        ("bridged", of_vmx('ethernet0.present = "TRUE"', 'ethernet0.connectionType = "bridged"')),
        ("key-twice", of_vmx('memsize = "512"')),
        ("encrypted", of_vmx('encryption.keySafe = "vmware:key/list/x"')),
        ("suspended", of_vmx('checkpoint.vmState = "%s"' % up)),
        ("nvram-outside", of_vmx('firmware = "efi"', 'nvram = "%s"' % up)),
        ("number-overflows", of_vmx('numvcpus = "99999999999999999999"')),
        ("encoding-unknown", of_vmx('.encoding = "KLINGON"')),
        ("without-quotes", of_vmx("scsi0.present = TRUE", 'scsi0:0.fileName = "x')),
        ("line-of-6-mib", of_vmx('annotation = "%s"' % ("x" * (6 * MIB)))),
        ("nul", of_vmx('displayName\0 = "x"')),
        ("10000-disks", of_vmx(*["scsi%u:%u.present = \"TRUE\"" % (n // 16, n % 16) for n in range(10000)])),
    ]
    vbox_rows = [
        ("disk-absolute", of_vbox(secret)),
        ("disk-up", of_vbox(up)),
        ("disk-iscsi", of_vbox("iscsi://127.0.0.1", "iSCSI")),
        ("disk-device", of_vbox("/dev/zero", "VMDK")),
        ("disk-is-qcow2", {"box.vbox": vbox(), "disk.vdi": qcow2(backing=secret)}),
        ("shared-folder", of_vbox(hardware='<SharedFolders><SharedFolder name="r" hostPath="/" writable="true" '
                                           'autoMount="true"/></SharedFolders>')),
        ("serial-to-file", of_vbox(hardware='<UART><Port slot="0" enabled="true" path="%s" hostMode="RawFile"/>'
                                            '</UART>' % secret)),
        ("serial-to-pipe", of_vbox(hardware='<UART><Port slot="0" enabled="true" path="/x" hostMode="HostPipe" '
                                            'server="true"/></UART>')),
        ("remote-display", of_vbox(hardware='<RemoteDisplay enabled="true"><VRDEProperties><Property name="TCP/Ports" '
                                            'value="3389"/></VRDEProperties></RemoteDisplay>')),
        ("pci-device", of_vbox(hardware='<HostPci><Devices><Device host="0000:00:1f.2"/></Devices></HostPci>')),
        ("forwarded-port", of_vbox(hardware='<Network><Adapter slot="0" enabled="true" MACAddress="080027000001">'
                                            '<NAT><Forwarding name="s" proto="1" hostport="22" guestport="22"/>'
                                            '</NAT></Adapter></Network>')),
        ("saved-state", of_vbox(machine='stateFile="%s"' % up)),
        ("external-entity", of_vbox(head=outside("VirtualBox", secret))),
        ("laughs", of_vbox(head=laughs("VirtualBox"))),
        ("deep", of_vbox(hardware=deep(3000))),
    ]
    utm_rows = [
        ("arguments", of_utm(QEMU={"AdditionalArguments": ["-chardev", "file,id=x,path=" + secret]})),
        ("image-up", of_utm("../../../canary/secret")),
        ("image-absolute", of_utm(secret)),
        ("image-link", {"Box.utm/config.plist": utm(), "Box.utm/Data/disk.qcow2": Link(secret)}),
        ("image-pipe", {"Box.utm/config.plist": utm(), "Box.utm/Data/disk.qcow2": Pipe()}),
        ("image-backing", {"Box.utm/config.plist": utm(), "Box.utm/Data/disk.qcow2": qcow2(backing=secret)}),
        ("data-is-a-link", {"Box.utm/config.plist": utm("secret"), "Box.utm/Data": Link("../../../canary")}),
        ("architecture-is-a-path", of_utm(System={"Architecture": "../../../bin/sh"})),
        ("target-is-an-option", of_utm(System={"Target": "q35,kernel=" + secret})),
        ("cpus-minus-one", of_utm(System={"CPUCount": -1})),
        ("memory-overflows", of_utm(System={"MemorySize": (1 << 63) - 1})),
        ("shared-folder", of_utm(Sharing={"DirectoryShareMode": "VirtFS", "DirectoryShareReadOnly": False})),
        ("port-forward", of_utm(Network=[{"Mode": "Emulated", "Hardware": "e1000", "MacAddress": "52:54:00:00:00:01",
                                          "PortForward": [{"Protocol": "TCP", "HostPort": 22, "GuestPort": 22}]}])),
        ("serial-server", of_utm(Serial=[{"Mode": "TcpServer", "Target": "Auto", "TcpPort": 4444}])),
        ("binary-circle", of_plist(CIRCLE)),
        ("binary-count", of_plist(binary_list(0xa, 1 << 60))),
        ("binary-dictionary-count", of_plist(binary_list(0xd, 1 << 62))),
        ("binary-text-length", of_plist(binary_list(5, (1 << 64) - 1))),
        ("deep", of_plist('<plist version="1.0">' + "<array>" * 20000 + "</array>" * 20000 + "</plist>")),
        ("entity", of_plist(utm().replace(b"<plist", b'<!DOCTYPE plist [<!ENTITY x SYSTEM "file://%s">]><plist'
                                          % secret.encode()))),
        ("laughs", of_plist(laughs("plist").encode() + b"<plist><dict><key>&a11;</key><true/></dict></plist>")),
        ("settings-are-a-link", {"Box.utm/config.plist": Link(secret)}),
        ("settings-of-8-mib", of_plist(utm(Information={"Name": "x" * (8 * MIB)}))),
        ("wrong-types", of_plist(plistlib.dumps({"Backend": [1], "ConfigurationVersion": 4, "Drive": "x",
                                                 "System": 7, "Information": [], "QEMU": True}))),
        ("old-arguments", {"Box.utm/config.plist": old_utm(System={"AddArgs": ["-monitor", "tcp:0.0.0.0:1"]}),
                           "Box.utm/Images/disk.qcow2": qcow2()}),
        ("old-image-up", {"Box.utm/config.plist": old_utm(Drives=[{"ImagePath": "../../../canary/secret",
                                                                   "ImageType": "disk", "InterfaceType": "ide"}])}),
    ]
    parallels_rows = [
        ("disk-absolute", of_pvs(secret)),
        ("disk-up", of_pvs(up)),
        ("data-up", of_hdd("../../../canary/secret")),
        ("data-absolute", of_hdd(secret)),
        ("data-backing", {"Box.pvm/config.pvs": pvs(), "Box.pvm/disk.hdd/DiskDescriptor.xml": hdd(kind="Plain"),
                          "Box.pvm/disk.hdd/disk.hds": qcow2(backing=secret)}),
        ("data-link", {"Box.pvm/config.pvs": pvs(), "Box.pvm/disk.hdd/DiskDescriptor.xml": hdd(),
                       "Box.pvm/disk.hdd/disk.hds": Link(secret)}),
        ("disk-device", of_pvs(more='<Hdd id="1"><Enabled>1</Enabled><EmulatedType>0</EmulatedType><SystemName>'
                                    '/dev/zero</SystemName></Hdd>')),
        ("serial", of_pvs(more='<Serial id="0"><Enabled>1</Enabled><SystemName>%s</SystemName></Serial>' % secret)),
        ("external-entity", of_pvs(head=outside("ParallelsVirtualMachine", secret), name="&x;")),
        ("data-entity", of_hdd(head=outside("Parallels_disk_image", secret))),
    ]
    domain_rows = [
        ("disk-absolute", of_domain("file='%s'" % secret)),
        ("disk-up", of_domain("file='%s'" % up)),
        ("disk-block", of_domain("dev='/dev/zero'", "block")),
        ("disk-network", of_domain("protocol='nbd' name='x'", "network")),
        ("disk-folder", of_domain("dir='/'", "dir")),
        ("disk-is-qcow2", {"box.xml": domain(), "disk.img": qcow2(backing=secret)}),
        ("disk-link", {"box.xml": domain(), "disk.img": Link(secret)}),
        ("emulator", of_domain(devices="<emulator>%s</emulator>" % secret)),
        ("arguments", of_domain(top="<qemu:commandline><qemu:arg value='-S'/></qemu:commandline>")),
        ("folder", of_domain(devices="<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>")),
        ("usb-device", of_domain(devices="<hostdev mode='subsystem' type='usb'/>")),
        ("serial-to-file", of_domain(devices="<serial type='file'><source path='%s'/></serial>" % secret)),
        ("channel-to-socket", of_domain(devices="<channel type='unix'><source mode='connect' path='/x'/></channel>")),
        ("audio-to-file", of_domain(devices="<audio id='1' type='file' path='%s'/>" % secret)),
        ("shared-memory", of_domain(devices="<shmem name='x'/>")),
        ("listens", of_domain(devices="<graphics type='vnc' listen='0.0.0.0'/>")),
        ("memory-negative", of_domain(memory="-1")),
        ("cpus-4294967297", of_domain(cpus="4294967297")),
        ("name-is-a-path", of_domain(name="../../canary/x")),
        ("external-entity", of_domain(head=outside("domain", secret), name="&x;")),
        ("laughs", of_domain(head=laughs("domain"), name="&a11;")),
        ("deep", of_domain(top=deep(3000))),
        ("container", {"box.xml": "<domain type='lxc'><name>x</name><os><type>exe</type></os></domain>"}),
    ]
    box_rows = [
        ("path-up", of_box('{"provider":"libvirt","disks":[{"path":"../../canary/secret"}]}')),
        ("path-absolute", of_box('{"provider":"libvirt","disks":[{"path":"%s"}]}' % secret)),
        ("backing", of_box('{"provider":"libvirt","format":"qcow2","virtual_size":1}',
                           **{"box.img": qcow2(backing=secret)})),
        ("size-overflows", of_box('{"provider":"libvirt","format":"qcow2","virtual_size":99999999999999999999}')),
        ("deep", of_box('{"provider":' + "[" * 100000)),
        ("provider-unknown", of_box('{"provider":"../../bin/sh"}')),
        ("ruby", of_box('{"provider":"libvirt","format":"qcow2","virtual_size":1}',
                        **{"Vagrantfile": "`touch %s`\nsystem 'x'\nconfig.vm.synced_folder '/', '/x'\n" % secret})),
        ("disk-link", of_box('{"provider":"libvirt","format":"qcow2","virtual_size":1}', **{"box.img": Link(secret)})),
    ]
    tart_rows = [
        ("cpus-negative", of_tart(cpuCount=-4)),
        ("memory-overflows", of_tart(memorySize="1" * 30)),
        ("macos", of_tart(system="darwin", hardwareModel="eA==", ecid="eA==")),
        ("disk-link", {"config.json": tart(), "disk.img": Link(secret), "nvram.bin": b"x"}),
        ("digest-is-a-path", {"oci-layout": '{"imageLayoutVersion":"1.0.0"}',
                              "index.json": '{"manifests":[{"digest":"sha256:../../../canary/secret"}]}'}),
        ("nvram-link", {"config.json": tart(), "disk.img": raw(), "nvram.bin": Link(secret)}),
    ]
    shell_rows = [
        ("quickemu", "commands", of_conf('ram="$(touch %s)"' % secret, "cpu_cores=`id`")),
        ("quickemu", "arguments", of_conf('extra_args="-chardev file,id=x,path=%s"' % secret)),
        ("quickemu", "disk-up", {"box.conf": 'guest_os="linux"\ndisk_img="%s"\n' % up}),
        ("quickemu", "disk-absolute", {"box.conf": 'guest_os="linux"\ndisk_img="%s"\n' % secret}),
        ("quickemu", "shared-folder", of_conf('public_dir="/"')),
        ("quickemu", "forwarded-ports", of_conf('port_forwards=("22:22" "8123:8123")')),
        ("quickemu", "usb-devices", of_conf('usb_devices=("046d:082d")')),
        ("quickemu", "monitor", of_conf('monitor="telnet"', 'monitor_telnet_host="0.0.0.0"')),
        ("quickemu", "backing", {"box.conf": 'guest_os="linux"\ndisk_img="d.qcow2"\n', "d.qcow2": qcow2(backing=secret)}),
        ("quickemu", "open-quote", of_conf('ram="2G', "x" * 100000)),
        ("hyperkit", "commands", of_script("-f kexec,vmlinuz,initrd.gz,\"$(touch x)\"")),
        ("hyperkit", "kernel-outside", of_script("-f kexec,%s,initrd.gz,quiet" % up)),
        ("hyperkit", "kernel-absolute", of_script("-f kexec,%s,initrd.gz,quiet" % secret)),
        ("hyperkit", "folder", of_script("-f kexec,vmlinuz,initrd.gz,quiet -s 5,virtio-9p,path=/,tag=r")),
        ("hyperkit", "console-to-file", of_script("-f kexec,vmlinuz,initrd.gz,quiet -l com1,autopty=%s" % secret)),
        ("hyperkit", "after-the-command", of_script("-f kexec,vmlinuz,initrd.gz,quiet; rm -rf " + secret)),
        ("hyperkit", "loops", of_script("-f kexec,vmlinuz,initrd.gz,quiet" + " \\\n" * 20000)),
        ("linuxkit", "kernel-link", {"box-kernel": Link(secret), "box-initrd.img": "i", "box-cmdline": "quiet"}),
        ("linuxkit", "cmdline-of-1-mib", {"box-kernel": "k", "box-initrd.img": "i", "box-cmdline": "x" * MIB}),
        ("linuxkit", "cmdline-of-control-characters", {"box-kernel": "k", "box-initrd.img": "i",
                                                       "box-cmdline": "quiet\x1b[2J\n\u202einit=/x"}),
        ("linuxkit", "cmdline-pipe", {"box-kernel": "k", "box-initrd.img": "i", "box-cmdline": Pipe()}),
    ]
    families = [("ovf", ovf_rows, "box.ovf"), ("vmx", vmx_rows, "box.vmx"), ("vbox", vbox_rows, "box.vbox"),
                ("utm", utm_rows, "Box.utm"), ("parallels", parallels_rows, "Box.pvm"),
                ("domain", domain_rows, "box.xml"), ("vagrant", box_rows, ""), ("tart", tart_rows, "")]
    shells = {"quickemu": "box.conf", "hyperkit": "box.sh", "linuxkit": ""}
    for family, listed, opened in families:
        for name, files in listed:
            yield family + "-" + name, files, opened
    for family, name, files in shell_rows:
        yield family + "-" + name, files, shells[family]
