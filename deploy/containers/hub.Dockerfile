# The hub in a container: the Debian package, as it is installed on a machine, on Debian's own image.
#
#   docker build --file deploy/containers/hub.Dockerfile --tag campus-ops-hub:0.1.0 .
#
# from the root of a checkout. For another architecture than this machine's: docker buildx build --platform linux/arm64 …
FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build
# Where the network looks into what is encrypted, npm has to trust whoever does: --secret id=authority,src=their.crt. The secret is of
# this stage alone; the image that is made knows nothing of it.
RUN --mount=type=secret,id=authority,target=/usr/local/share/ca-certificates/authority.crt \
    apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates npm \
 && update-ca-certificates \
 && rm -rf /var/lib/apt/lists/*
# A Node that is not Debian's has a list of its own.
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
# Debian's Node is too old for what the build runs on, and npm would leave that out without a word.
RUN npm install --global node@24
WORKDIR /campus-ops
COPY . .
RUN npm ci
ARG TARGETARCH=amd64
RUN npm run package -- hub "$TARGETARCH"

FROM debian:bookworm-slim
# A number that a cluster can check: root is told from others by it.
RUN groupadd --system --gid 10001 campus-ops-hub \
 && useradd --system --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin campus-ops-hub
RUN --mount=type=bind,from=build,source=/campus-ops/dist,target=/packages \
    apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates openssh-client /packages/campus-ops-hub_*.deb \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --mode 0700 --owner 10001 --group 10001 \
      /var/lib/campus-ops-hub /var/cache/campus-ops-hub /run/campus-ops-hub
USER 10001:10001
# Console and API, MQTT over TLS, enrolment.
EXPOSE 8080 8883 8884
ENTRYPOINT ["/usr/bin/campus-ops"]
CMD ["up"]
