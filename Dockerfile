# One image for all processes: docker run galaxy engine|controller|api|edge|migrate. Everything below the base is the same
# wherever it is built; scripts/image/build.sh builds it where no registry can be reached.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS product
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="galaxy" \
      org.opencontainers.image.description="A Kubernetes-operator-flavoured control plane for turn-based multiplayer games" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production PATH=/app/bin:${PATH}
WORKDIR /app
COPY package.json LICENSE ./
COPY bin ./bin
COPY scripts/find-node.sh ./scripts/
COPY scripts/image/healthcheck.ts scripts/image/warm.ts ./scripts/image/
COPY sql ./sql
COPY crds ./crds
COPY examples ./examples
COPY src ./src
# Nothing is written below /app: the root file system may be read-only. Data belongs into volumes, the rest into /tmp.
# The condition makes `#engine` of package.json the one file that bundle.ts has made.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--conditions=galaxy-image", "/app/src/main.ts"]
# The platform starts engines by their image alone.
CMD ["engine"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "/app/scripts/image/healthcheck.ts"]

# With packages that were installed outside, and an engine that was put together there: they are part of what is sent to
# the builder.
FROM product AS offline
COPY node_modules ./node_modules
COPY build ./build
RUN ["node", "--disable-warning=ExperimentalWarning", "--conditions=galaxy-image", "/app/scripts/image/warm.ts"]
USER 65532:65532
ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/galaxy

FROM ${BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc scripts/image/packages.sh ./
RUN sh packages.sh

# What puts the engine together is none of what the product needs to run.
FROM ${BASE} AS bundle
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY scripts/image/bundle.ts ./scripts/image/
COPY src ./src
RUN ["node", "--disable-warning=ExperimentalWarning", "scripts/image/bundle.ts", "/app"]

FROM product
COPY --from=packages /app/node_modules ./node_modules
COPY --from=bundle /app/build ./build
RUN ["node", "--disable-warning=ExperimentalWarning", "--conditions=galaxy-image", "/app/scripts/image/warm.ts"]
USER 65532:65532
ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/galaxy
