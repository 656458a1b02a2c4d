-- What Argo CD says of a SupabaseProject: obj is the resource. The meaning of its conditions is
-- fixed, so this need not follow an upgrade. Only the base library is used: Argo CD gives no more.

local function condition(name)
  for _, each in ipairs(obj.status.conditions) do
    if each.type == name then
      return each
    end
  end
end

local function health(status, because)
  return {status = status, message = because.reason .. ": " .. because.message}
end

if obj.status == nil or obj.status.conditions == nil then
  return {status = "Progressing", message = "The operator has not seen the project yet"}
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "The operator has not seen the last change yet"}
end

-- Both are present only while they are true.
local stalled = condition("Stalled")
if stalled then
  return health("Degraded", stalled)
end
local reconciling = condition("Reconciling")
if reconciling then
  return health("Progressing", reconciling)
end

local ready = condition("Ready")
if ready.reason == "Paused" then
  return health("Suspended", ready)
end
if ready.status == "True" then
  return health("Healthy", ready)
end
if ready.reason == "Degraded" then
  return health("Degraded", ready)
end
return health("Progressing", ready)
