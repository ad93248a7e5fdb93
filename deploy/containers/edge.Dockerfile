# The edge agent in a container, for machines that run containers anyway. A box of its own has the package or the image.
#
#   docker build --file deploy/containers/edge.Dockerfile --tag campus-ops-edge:0.1.0 .
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
RUN npm run package -- edge "$TARGETARCH"

FROM debian:bookworm-slim
# Serial lines belong to dialout, which Debian numbers 20.
RUN groupadd --system --gid 10002 campus-ops-edge \
 && useradd --system --uid 10002 --gid 10002 --groups dialout --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin campus-ops-edge
RUN --mount=type=bind,from=build,source=/campus-ops/dist,target=/packages \
    apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates ffmpeg /packages/campus-ops-edge_*.deb \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --mode 0700 --owner 10002 --group 10002 \
      /var/lib/campus-ops-edge /var/cache/campus-ops-edge /run/campus-ops-edge
# As the unit of the package says it.
ENV CAMPUS_OPS_CONFIG=/etc/campus-ops-edge/edge.yaml \
    CAMPUS_OPS_SEED=/media/EDGECFG \
    CAMPUS_OPS_DATA=/var/lib/campus-ops-edge \
    CAMPUS_OPS_RUN=/run/campus-ops-edge \
    NODE_COMPILE_CACHE=/var/cache/campus-ops-edge \
    MALLOC_ARENA_MAX=1
USER 10002:10002
ENTRYPOINT ["/usr/lib/campus-ops-edge/node", "/usr/lib/campus-ops-edge/main.js"]
