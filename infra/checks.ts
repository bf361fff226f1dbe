import { type App, CfnElement, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** Holds everything against the rules of AWS Solutions; what they find and nobody gave a reason for fails the synthesis. */
export function addChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** Exempts a construct from a rule. `id`: the rule, or one finding of it, as in `AwsSolutions-IAM5[Resource::*]`. */
export function except(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** Lets a construct have rights on all that lies below one resource: its ARN and `ending`, in which there is a star. */
export function exceptBelow(construct: IConstruct, owner: IConstruct, ending: string, reason: string): void {
  const element = owner.node.defaultChild;
  if (!CfnElement.isCfnElement(element)) throw new Error(`${owner.node.path} is no resource`);
  const logicalId = Stack.of(owner).getLogicalId(element);
  except(construct, `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>${ending}]`, reason);
}
