#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-family.sh FAMILY FOLDER GRUB MEMTEST: a machine as FAMILY's programs keep it, in FOLDER, which is new. GRUB is a disk
# that starts from a BIOS, MEMTEST a program that starts as a kernel and from UEFI. Prints what is to be brought in.
set -eu
family=$1 folder=$2 grub=$3 memtest=$4
mkdir "$folder"
cd "$folder"

disk() { # FORMAT FILE [OPTIONS]
  qemu-img convert -f raw -O "$1" ${3:+-o "$3"} "$grub" "$2"
}

# From the fallback path of UEFI.
uefi_disk() { # FORMAT FILE
  mkdir -p esp/EFI/BOOT
  cp "$memtest.efi" esp/EFI/BOOT/BOOTX64.EFI
  qemu-img convert -O "$1" fat:12:esp "$2"
  rm -r esp
}

envelope() { # NAME SYSTEM FILE FORMAT, items on standard input
  cat <<END
<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
 xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
<References><File ovf:id="f" ovf:href="$3"/></References>
<DiskSection><Info>d</Info><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="$(stat -c %s "$grub")" ovf:format="$4"/></DiskSection>
<VirtualSystem ovf:id="$1"><Info>m</Info><Name>$1</Name><VirtualHardwareSection><Info>h</Info>
<System><vssd:ElementName>h</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>$2</vssd:VirtualSystemType></System>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
<rasd:VirtualQuantity>128</rasd:VirtualQuantity></Item>
$(cat)
</VirtualHardwareSection></VirtualSystem></Envelope>
END
}

items() { # CONTROLLER TYPE
  cat <<END
<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>$1</rasd:ResourceSubType>
<rasd:ResourceType>$2</rasd:ResourceType></Item>
<Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/d</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID>
<rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
END
}

vmx() { # DISK
  printf '%s\n' '.encoding = "UTF-8"' 'config.version = "8"' 'virtualHW.version = "19"' 'displayName = "Box"' 'guestOS = "otherlinux-64"' \
    'memsize = "128"' 'numvcpus = "1"' 'sata0.present = "TRUE"' 'sata0:0.present = "TRUE"' "sata0:0.fileName = \"$1\""
}

case $family in
  xen)
    disk vpc disk.vhd subformat=dynamic
    printf '%s' '<Item><rasd:Connection>device=0,bootable=true,mode=w</rasd:Connection><rasd:HostResource>ovf:/disk/d</rasd:HostResource>' \
      '<rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>19</rasd:ResourceType></Item>' |
      envelope Xen hvm-3.0-unknown disk.vhd http://www.microsoft.com/technet/virtualserver/downloads/vhdspec.mspx > box.ovf
    echo box.ovf
    ;;
  ovirt)
    disk qcow2 4a6237d9
    cat > box.ovf <<END
<?xml version="1.0"?>
<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ovf:version="4.1.0.0"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
<References><File ovf:href="4a6237d9" ovf:id="4a6237d9"/></References>
<Section xsi:type="ovf:DiskSection_Type"><Info>d</Info><Disk ovf:diskId="4a6237d9" ovf:size="1" ovf:capacity="$(stat -c %s "$grub")"
 ovf:fileRef="4a6237d9" ovf:parentRef="" ovf:volume-format="COW" ovf:disk-interface="VirtIO" ovf:boot="true"/></Section>
<Content ovf:id="out" xsi:type="ovf:VirtualSystem_Type"><Name>Virt</Name><BiosType>1</BiosType>
<Section xsi:type="ovf:VirtualHardwareSection_Type"><Info>h</Info>
<Item><rasd:InstanceId>1</rasd:InstanceId><rasd:ResourceType>3</rasd:ResourceType><rasd:num_of_sockets>1</rasd:num_of_sockets>
<rasd:cpu_per_socket>1</rasd:cpu_per_socket></Item>
<Item><rasd:InstanceId>2</rasd:InstanceId><rasd:ResourceType>4</rasd:ResourceType><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
<rasd:VirtualQuantity>128</rasd:VirtualQuantity></Item>
<Item><rasd:InstanceId>4a6237d9</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType><Type>disk</Type>
<rasd:HostResource>4a6237d9</rasd:HostResource></Item></Section></Content></ovf:Envelope>
END
    echo box.ovf
    ;;
  gzip)
    disk vmdk disk.vmdk
    gzip disk.vmdk
    items AHCI 20 | envelope Packed vmx-19 disk.vmdk.gz http://www.vmware.com/interfaces/specifications/vmdk.html > box.ovf
    sed -i 's/disk.vmdk.gz"/& ovf:compression="gzip"/' box.ovf
    tar --format=ustar -cf box.ova box.ovf disk.vmdk.gz
    echo box.ova
    ;;
  chunks)
    disk vmdk disk.vmdk subformat=streamOptimized
    split -b 1000000 -a 9 -d disk.vmdk disk.vmdk.
    rm disk.vmdk
    items PIIX4 5 | envelope Pieces virtualbox-2.2 disk.vmdk http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized > box.ovf
    sed -i 's/href="disk.vmdk"/& ovf:chunkSize="1000000"/' box.ovf
    tar --format=ustar -cf box.ova box.ovf disk.vmdk.*
    echo box.ova
    ;;
  vmx)
    mkdir Box.vmwarevm
    disk vmdk Box.vmwarevm/disk.vmdk subformat=twoGbMaxExtentSparse
    vmx disk.vmdk > Box.vmwarevm/Box.vmx
    echo Box.vmwarevm
    ;;
  vbox)
    disk vdi disk.vdi
    cat > box.vbox <<END
<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.16-linux"><Machine uuid="{9d1c3a70-1111-4222-8333-444455556666}" name="Box" OSType="Linux_64">
<MediaRegistry><HardDisks><HardDisk uuid="{9d1c3a70-1111-4222-8333-444455557777}" location="disk.vdi" format="VDI" type="Normal"/></HardDisks></MediaRegistry>
<Hardware><CPU count="1"/><Memory RAMSize="128"/></Hardware><StorageControllers><StorageController name="IDE" type="PIIX4" PortCount="2">
<AttachedDevice type="HardDisk" port="0" device="0"><Image uuid="{9d1c3a70-1111-4222-8333-444455557777}"/></AttachedDevice></StorageController>
</StorageControllers></Machine></VirtualBox>
END
    echo box.vbox
    ;;
  vagrant-virtualbox)
    disk vmdk disk.vmdk subformat=streamOptimized
    items AHCI 20 | envelope Box virtualbox-2.2 disk.vmdk http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized > box.ovf
    echo '{"provider":"virtualbox"}' > metadata.json
    tar -czf ../box.box box.ovf disk.vmdk metadata.json
    mv ../box.box .
    echo box.box
    ;;
  vagrant-vmware)
    disk vmdk disk.vmdk
    vmx disk.vmdk > box.vmx
    echo '{"provider":"vmware_desktop"}' > metadata.json
    tar -cf ../box.box box.vmx disk.vmdk metadata.json
    mv ../box.box .
    echo box.box
    ;;
  vagrant-libvirt)
    disk qcow2 box.img
    echo '{"provider":"libvirt","virtual_size":1,"format":"qcow2"}' > metadata.json
    tar -cf ../box.box box.img metadata.json
    mv ../box.box .
    echo box.box
    ;;
  tart)
    mkdir box
    uefi_disk raw box/disk.img
    echo '{"version":1,"os":"linux","arch":"amd64","cpuCount":1,"memorySize":268435456,"macAddress":"7a:65:e4:3f:01:02"}' > box/config.json
    touch box/nvram.bin
    echo box
    ;;
  oci)
    uefi_disk raw disk.img
    python3 - <<'END'
import hashlib, json, os
os.makedirs("box/blobs/sha256")
def blob(kind, data, **more):
    name = hashlib.sha256(data).hexdigest()
    with open("box/blobs/sha256/" + name, "wb") as file:
        file.write(data)
    return {"digest": "sha256:" + name, "size": len(data), "mediaType": "application/vnd.cirruslabs.tart." + kind, **more}
def pack(data):
    return b"".join(b"bv4-" + len(data[i:i + 65536]).to_bytes(4, "little") + data[i:i + 65536] for i in range(0, len(data), 65536)) + b"bv4$"
with open("disk.img", "rb") as file:
    disk = file.read(1 << 24)
    rest = file.read()
layers = [blob("config.v1", json.dumps({"os": "linux", "arch": "amd64", "cpuCount": 1, "memorySize": 1 << 28}).encode())]
for piece in [disk] + [rest[i:i + (1 << 28)] for i in range(0, len(rest), 1 << 28)]:
    layers.append(blob("disk.v2", pack(piece), annotations={"org.cirruslabs.tart.uncompressed-size": str(len(piece))}))
manifest = blob("m", json.dumps({"schemaVersion": 2, "layers": layers}).encode())
with open("box/index.json", "w") as file:
    json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
with open("box/oci-layout", "w") as file:
    file.write("{}")
END
    rm disk.img
    echo box
    ;;
  linuxkit)
    cp "$memtest.bin" box-kernel
    gzip -c /dev/null > box-initrd.img
    echo 'console=ttyS0' > box-cmdline
    echo box-kernel
    ;;
  linuxkit-image)
    disk qcow2 linuxkit.qcow2
    echo linuxkit.qcow2
    ;;
  hyperkit)
    cp "$memtest.bin" vmlinuz
    gzip -c /dev/null > initrd.gz
    truncate -s 1M disk.img
    echo 'hyperkit -A -m 128M -c 1 -s 0:0,hostbridge -s 31,lpc -s 4,virtio-blk,disk.img -l com1,stdio -f kexec,vmlinuz,initrd.gz,"console=ttyS0"' > box.sh
    echo box.sh
    ;;
  libvirt)
    disk qcow2 disk.qcow2
    cat > box.xml <<END
<domain type="kvm"><name>Box</name><memory unit="MiB">128</memory><vcpu>1</vcpu><os><type arch="x86_64" machine="pc">hvm</type></os>
<devices><disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="$folder/disk.qcow2"/><target dev="vda" bus="virtio"/></disk>
<video><model type="cirrus"/></video><graphics type="spice" autoport="yes"/></devices></domain>
END
    echo box.xml
    ;;
  parallels)
    mkdir -p Box.pvm/disk.hdd
    disk parallels Box.pvm/disk.hdd/disk.hds
    sectors=$(($(stat -c %s "$grub") / 512))
    cat > Box.pvm/disk.hdd/DiskDescriptor.xml <<END
<?xml version="1.0" encoding="UTF-8"?>
<Parallels_disk_image Version="1.0"><Disk_Parameters><Disk_size>$sectors</Disk_size><Padding>0</Padding></Disk_Parameters><StorageData><Storage>
<Start>0</Start><End>$sectors</End><Image><GUID>{1}</GUID><Type>Compressed</Type><File>disk.hds</File></Image></Storage></StorageData></Parallels_disk_image>
END
    cat > Box.pvm/config.pvs <<END
<?xml version="1.0" encoding="UTF-8"?>
<ParallelsVirtualMachine schemaVersion="1.0"><Identification><VmUuid>{1}</VmUuid><VmName>Box</VmName></Identification><Hardware><Cpu><Number>1</Number></Cpu>
<Memory><RAM>128</RAM></Memory><Hdd id="0"><Enabled>1</Enabled><EmulatedType>1</EmulatedType><SystemName>disk.hdd</SystemName><InterfaceType>2</InterfaceType>
<StackIndex>0</StackIndex></Hdd></Hardware></ParallelsVirtualMachine>
END
    echo Box.pvm
    ;;
  utm-2)
    mkdir -p Box.utm/Images
    disk qcow2 Box.utm/Images/disk.qcow2
    cat > Box.utm/config.plist <<END
<plist version="1.0"><dict><key>ConfigurationVersion</key><integer>2</integer><key>Display</key><dict/><key>Drives</key><array><dict>
<key>DriveName</key><string>drive0</string><key>ImagePath</key><string>disk.qcow2</string><key>ImageType</key><string>disk</string>
<key>InterfaceType</key><string>ide</string></dict></array><key>Info</key><dict/><key>Input</key><dict/><key>Networking</key><dict>
<key>NetworkMode</key><string>none</string></dict><key>Sharing</key><dict/><key>Sound</key><dict/><key>System</key><dict><key>Architecture</key>
<string>x86_64</string><key>CPUCount</key><integer>1</integer><key>Memory</key><integer>128</integer><key>Target</key><string>pc</string></dict></dict></plist>
END
    echo Box.utm
    ;;
  utm-3)
    mkdir -p Box.utm/Data
    cp "$memtest.bin" Box.utm/Data/vmlinuz
    cp "$grub" Box.utm/Data/disk.img
    cat > Box.utm/config.plist <<END
<plist version="1.0"><dict><key>version</key><integer>3</integer><key>isAppleVirtualization</key><true/><key>name</key><string>Box</string>
<key>architecture</key><string>x86_64</string><key>cpuCount</key><integer>1</integer><key>memorySize</key><integer>128</integer><key>bootLoader</key><dict>
<key>operatingSystem</key><string>Linux</string><key>linuxKernelPath</key><string>vmlinuz</string><key>linuxCommandLine</key><string>quiet</string></dict>
<key>diskImages</key><array><dict><key>imagePath</key><string>disk.img</string><key>isReadOnly</key><false/></dict></array>
<key>displays</key><array><dict/></array></dict></plist>
END
    echo Box.utm
    ;;
  utm-4-apple)
    mkdir -p Box.utm/Data
    uefi_disk raw Box.utm/Data/root.img
    cat > Box.utm/config.plist <<END
<plist version="1.0"><dict><key>Backend</key><string>Apple</string><key>ConfigurationVersion</key><integer>4</integer><key>Information</key><dict>
<key>Name</key><string>Box</string></dict><key>System</key><dict><key>Architecture</key><string>x86_64</string><key>CPUCount</key><integer>1</integer>
<key>MemorySize</key><integer>256</integer><key>Boot</key><dict><key>OperatingSystem</key><string>Linux</string><key>UEFIBoot</key><true/></dict></dict>
<key>Drive</key><array><dict><key>Identifier</key><string>A</string><key>ImageName</key><string>root.img</string></dict></array><key>Network</key><array/>
<key>Display</key><array><dict/></array><key>Serial</key><array/><key>Virtualization</key><dict/></dict></plist>
END
    zip -qr box.utm.zip Box.utm || python3 -c 'import shutil; shutil.make_archive("box.utm", "zip", ".", "Box.utm")'
    rm -r Box.utm
    echo box.utm.zip
    ;;
  disk-*)
    format=${family#disk-}
    disk "$format" "disk.$format"
    echo "disk.$format"
    ;;
  packed-*)
    cp "$grub" disk.img
    case $family in
      packed-gz) gzip disk.img ;;
      packed-xz) xz disk.img ;;
      packed-zst) zstd -q --rm disk.img ;;
    esac
    echo disk.img.*
    ;;
  cloud)
    # As distributions publish them: with the words of one in its name.
    disk qcow2 debian-12-generic-amd64.qcow2
    echo debian-12-generic-amd64.qcow2
    ;;
esac
