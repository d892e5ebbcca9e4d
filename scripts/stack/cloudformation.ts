/** The few words of CloudFormation that the stack is written in. */

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: 'Retain' | 'Delete';
  readonly UpdateReplacePolicy?: 'Retain' | 'Delete';
}
export type Resources = Readonly<Record<string, Resource>>;

export type Text =
  | string
  | { readonly Ref: string }
  | { readonly 'Fn::Sub': string }
  | { readonly 'Fn::GetAtt': readonly [string, string] };

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly Text[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export const sub = (text: string): { 'Fn::Sub': string } => ({ 'Fn::Sub': text });
export const arnOf = (logicalId: string): { 'Fn::GetAtt': [string, string] } => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** `stop-start-instances` → `StopStartInstances`: how our own logical ids are spelt. */
export const pascal = (name: string): string => name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `stop-start-instances` → `StopDashstartDashinstances`: how osls spells the ids of what it makes for a function. */
export const oslsName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', 'Dash');
