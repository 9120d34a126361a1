exec xhyve -m 2048 -s 4,nvme,disk.img -f bootrom,UEFI.fd,,
