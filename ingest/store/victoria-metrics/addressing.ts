/**
 * Where a VictoriaMetrics answers: a single server, or a cluster's vminsert and vmselect
 * (docs.victoriametrics.com/cluster-victoriametrics, "URL format").
 */

export interface SingleServer {
  readonly kind: "single";
  readonly url: string;
}

export interface Cluster {
  readonly kind: "cluster";
  readonly insertUrl: string;
  readonly selectUrl: string;
  /** `accountID` or `accountID:projectID`. */
  readonly account: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type VictoriaMetricsAddress = (SingleServer | Cluster) & { readonly credentials?: Credentials };

export interface Endpoints {
  readonly import: string;
  readonly export: string;
  readonly query: string;
  readonly queryRange: string;
  readonly series: string;
  readonly devices: string;
  readonly names: string;
  readonly deleteSeries: string;
  /** Of a single server alone: makes what was just written visible, and tells of the process. */
  readonly forceFlush?: string;
  readonly metrics?: string;
}

export function endpointsOf(address: VictoriaMetricsAddress): Endpoints {
  if (address.kind === "single") {
    const url = trimmed(address.url);
    return {
      ...under(url, url, url),
      forceFlush: `${url}/internal/force_flush`,
      metrics: `${url}/metrics`,
    };
  }
  const { account } = address;
  const select = trimmed(address.selectUrl);
  return under(
    `${trimmed(address.insertUrl)}/insert/${account}/prometheus`,
    `${select}/select/${account}/prometheus`,
    `${select}/delete/${account}/prometheus`,
  );
}

function under(insert: string, select: string, remove: string): Endpoints {
  return {
    import: `${insert}/api/v1/import/prometheus`,
    export: `${select}/api/v1/export`,
    query: `${select}/api/v1/query`,
    queryRange: `${select}/api/v1/query_range`,
    series: `${select}/api/v1/series`,
    devices: `${select}/api/v1/label/device/values`,
    names: `${select}/api/v1/label/__name__/values`,
    deleteSeries: `${remove}/api/v1/admin/tsdb/delete_series`,
  };
}

const trimmed = (url: string): string => url.replace(/\/+$/, "");
