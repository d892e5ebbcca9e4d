/** Launch templates, as much of them as a group needs: type, monitoring, hibernation. */
import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateResult,
  DeleteLaunchTemplateRequest,
  DeleteLaunchTemplateResult,
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  LaunchTemplate,
} from '@aws-sdk/client-ec2';
import type { Template } from '../world/group.ts';
import type { Region } from '../world/world.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads, trailed } from './operation.ts';
import { page } from './page.ts';

export const launchTemplates: Readonly<Record<string, Operation>> = {
  CreateLaunchTemplate: trailed(create),
  DeleteLaunchTemplate: trailed(remove),
  DescribeLaunchTemplates: reads(describe),
};

function create(input: CreateLaunchTemplateRequest, { region, world, changed }: Call): CreateLaunchTemplateResult {
  const { LaunchTemplateName: name = '', LaunchTemplateData: data } = input;
  if ([...region.templates.values()].some(template => template.name === name))
    throw new ServiceError('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
  const template: Template = {
    id: world.ids.resource('lt'),
    name,
    type: data?.InstanceType ?? 'm1.small', // EC2's own default
    monitoring: data?.Monitoring?.Enabled ? 'detailed' : 'basic',
    hibernation: data?.HibernationOptions?.Configured ?? false,
  };
  region.templates.set(template.id, template);
  changed.push(template.id);
  return { LaunchTemplate: json(template) };
}

function remove(input: DeleteLaunchTemplateRequest, { region, changed }: Call): DeleteLaunchTemplateResult {
  const [template] = named(region, [input.LaunchTemplateId ?? []].flat(), [input.LaunchTemplateName ?? []].flat());
  if (template === undefined) return {};
  region.templates.delete(template.id);
  changed.push(template.id);
  return { LaunchTemplate: json(template) };
}

function describe(input: DescribeLaunchTemplatesRequest, { region }: Call): DescribeLaunchTemplatesResult {
  const wanted = named(region, input.LaunchTemplateIds ?? [], input.LaunchTemplateNames ?? []);
  const badToken = () => new ServiceError('InvalidParameterValue', 'Unable to parse pagination token');
  const { items, next } = page(wanted, input.MaxResults ?? 200, input.NextToken, badToken);
  return { LaunchTemplates: items.map(json), ...next };
}

/** Those, or all of them where none is named. */
function named({ templates }: Region, ids: readonly string[], names: readonly string[]): Template[] {
  const all = [...templates.values()];
  const missing = ids.find(id => !templates.has(id));
  if (missing !== undefined)
    throw new ServiceError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${missing}, does not exist.`,
    );
  const nameless = names.find(name => !all.some(template => template.name === name));
  if (nameless !== undefined)
    throw new ServiceError(
      'InvalidLaunchTemplateName.NotFoundException',
      `At least one of the launch templates specified in the request does not exist: ${nameless}.`,
    );
  return ids.length + names.length === 0 ? all : all.filter(({ id, name }) => ids.includes(id) || names.includes(name));
}

const json = ({ id, name }: Template): LaunchTemplate => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  DefaultVersionNumber: 1,
  LatestVersionNumber: 1,
});
