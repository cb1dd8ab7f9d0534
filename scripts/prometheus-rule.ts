import { parse, stringify } from 'yaml'

/** The alert rules of `rules.yaml` as prometheus-operator takes them. */
export function prometheusRuleText(rules: string): string {
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'galaxy', labels: { 'app.kubernetes.io/part-of': 'galaxy' } },
    spec: parse(rules),
  }
  return `# Generated from rules.yaml by make generate.\n${stringify(resource, { lineWidth: 120, singleQuote: true })}`
}
