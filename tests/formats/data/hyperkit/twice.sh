xhyve -m 1G -c 2 -f kexec,tiny-vmlinuz,tiny-initrd.gz,one -s 4,virtio-blk,disk.img -f kexec,tiny-vmlinuz,tiny-initrd.gz,two
