#!/bin/sh
# starts the tiny one
KERNEL="tiny-vmlinuz"
INITRD="tiny-initrd.gz"
CMDLINE="earlyprintk=serial console=ttyS0 acpi=off,really"
MEM="-m 1G"
NET="-s 2:0,virtio-net"
IMG_CD="-s 3,ahci-cd,gone.iso"
IMG_HDD="-s 4,virtio-blk,disk.img"
PCI_DEV="-s 0:0,hostbridge -s 31,lpc"
LPC_DEV="-l com1,stdio"
sudo build/xhyve -A $MEM -c 2 $PCI_DEV $LPC_DEV $NET $IMG_CD $IMG_HDD \
  -U 11111111-2222-3333-4444-555555555555 -f kexec,$KERNEL,$INITRD,"$CMDLINE"
