/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{a as e}from"./rolldown-runtime.js";import{Aa as t,Ar as n,Io as r,br as i,ea as a,jt as o,mr as s,pr as c,ta as l,vo as u,wo as d}from"./shared.js";import{h as f}from"./graphiql.js";function p(e,n={getInitialValueInEffect:!0}){let r=t(e,n),{colorScheme:i}=l();return i===`auto`?r:i}var m=e(r(),1),h={kind:`Document`,definitions:[{kind:`OperationDefinition`,operation:`query`,name:{kind:`Name`,value:`Explorer`},selectionSet:{kind:`SelectionSet`,selections:[{kind:`Field`,name:{kind:`Name`,value:`allChannels`},selectionSet:{kind:`SelectionSet`,selections:[{kind:`Field`,name:{kind:`Name`,value:`id`}},{kind:`Field`,name:{kind:`Name`,value:`cid`}},{kind:`Field`,name:{kind:`Name`,value:`type`}},{kind:`Field`,name:{kind:`Name`,value:`name`}},{kind:`Field`,name:{kind:`Name`,value:`avatar`}}]}}]}}]},g=`application/graphql-response+json, application/json;q=0.9`;function _(e,t){return async(n,r)=>{let i=new Headers({Accept:g,"Content-Type":`application/json`}),a=await t();a!==null&&i.set(`Authorization`,`Bearer ${a}`);for(let[e,t]of Object.entries(r?.headers??{}))i.set(e,String(t));let o=JSON.stringify(v(n)),s;try{s=await fetch(e,{method:`POST`,headers:i,body:o,cache:`no-store`})}catch{return y(`The server cannot be reached.`)}let c=await s.text();try{return JSON.parse(c)}catch{return y(`The server answered ${s.status} ${s.statusText}, and not in JSON.`,c)}}}function v(e){let t;try{t=u(e.query,{noLocation:!0}).definitions.filter(e=>e.kind===d.OPERATION_DEFINITION).map(e=>e.name?.value)}catch{return e}if(!e.operationName||t.includes(e.operationName))return e;let{operationName:n,...r}=e;return t[0]===void 0?r:{...r,operationName:t[0]}}function y(e,t){return{errors:[{message:e,extensions:t?{body:t.slice(0,1e3)}:{}}]}}var b=`explorer-demo`;function x(e){return[{query:`# Lists all channels, ordered by name.
query AllChannels {
  allChannels {
    id
    cid
    type
    name
    avatar
  }
}
`},{query:`# Creates the channel, or updates it.
mutation CreateChannel($input: CreateOrUpdateStreamChatChanelInput!) {
  createOrUpdateChannel(input: $input)
}
`,variables:S({input:{id:b,name:`Explorer demo`,type:`Livestream`}})},{query:`# Sends a message to a channel, in your name.
mutation SendMessage($input: SendMessageToChannelChanelInput!) {
  sendMessageToChannel(input: $input)
}
`,variables:S({input:{channelId:b,text:`Important announcement for all users!`,attachments:[{title:`Event Image`,assetUrl:`https://example.com/images/event.jpg`}],mentionedUsersIds:[],type:`Livestream`}})},{query:`# Sets a user's role: USER, MODERATOR or ADMIN.
mutation SetRole($input: UpdateUsersChatRoleInput!) {
  setRoleToUsersOnChat(input: $input)
}
`,variables:S({input:{userId:e,role:`MODERATOR`}})},{query:`# Deletes channels, with all their messages.
mutation DeleteChannels($input: DeleteStreamChatChanelInput!) {
  deleteChannels(input: $input)
}
`,variables:S({input:{cids:[`livestream:${b}`]}})}]}function S(e){return JSON.stringify(e,null,2)}var C=a();function w(){let{t:e}=n(`explorer`),{holder:t}=s(),r=(0,m.useMemo)(()=>_(`/graphql`,()=>c.fresh()),[t?.id]),[a]=(0,m.useState)(()=>x(t?.id||`user1`)),l=(0,m.useRef)(null);T(l);let u=p(`light`,{getInitialValueInEffect:!1});return(0,C.jsx)(o,{title:e(`title`),note:e(`note`),operations:[{document:h}],fill:!0,children:(0,C.jsx)(`div`,{ref:l,className:`bc-explorer`,dir:`ltr`,lang:`en`,children:(0,C.jsx)(f,{fetcher:r,storage:i,forcedTheme:u,defaultTabs:a,defaultEditorToolsVisibility:`variables`,shouldPersistHeaders:!1,inputValueDeprecation:!0,schemaDescription:!0,children:(0,C.jsx)(f.Logo,{children:null})})})})}function T(e){(0,m.useEffect)(()=>{let t=()=>{for(let t of e.current?.querySelectorAll(`.CodeMirror textarea:not([aria-label])`)??[])t.setAttribute(`aria-label`,t.closest(`section[aria-label]`)?.getAttribute(`aria-label`)??`Editor`);for(let t of e.current?.querySelectorAll(`.CodeMirror-scroll[tabindex="-1"]`)??[])t.setAttribute(`tabindex`,`0`);for(let t of e.current?.querySelectorAll(`.graphiql-tab[aria-selected]`)??[])t.querySelector(`.graphiql-tab-button`)?.setAttribute(`aria-pressed`,t.getAttribute(`aria-selected`)??`false`),t.removeAttribute(`aria-selected`),t.removeAttribute(`role`),t.parentElement?.removeAttribute(`role`)},n=new MutationObserver(t);return e.current!==null&&n.observe(e.current,{childList:!0,subtree:!0,attributeFilter:[`aria-selected`]}),t(),()=>n.disconnect()},[e])}export{w as default};