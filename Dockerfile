# A small image: the binary, the C library it is linked to, and root certificates. No shell, no package manager.

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
# What `vestibule version` shows: --build-arg COMMIT=$(git rev-parse --short HEAD)
ARG COMMIT=
ENV VESTIBULE_COMMIT=$COMMIT
RUN cargo build --release --locked
RUN set -eu; \
    install -D target/release/vestibule /image/usr/local/bin/vestibule; \
    ldd target/release/vestibule | grep -o '/[^ ]*' | xargs cp --parents --dereference --target-directory /image; \
    install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt; \
    echo 'vestibule:x:65532:65532::/var/lib/vestibule:' >/image/etc/passwd; \
    install -d -o 65532 -g 65532 -m 700 /image/var/lib/vestibule; \
    install -d -m 1777 /image/tmp

FROM scratch
COPY --from=build /image /
ENV PATH=/usr/local/bin
USER 65532:65532
WORKDIR /var/lib/vestibule
VOLUME /var/lib/vestibule
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/usr/local/bin/vestibule", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/vestibule"]
# Without a configured database: vestibule.db in the volume.
CMD ["serve", "--listen", "0.0.0.0:8080"]
